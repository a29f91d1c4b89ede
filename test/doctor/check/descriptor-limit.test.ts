import { edit, testAilments } from '../ailment.ts'

const PID = '4711'

testAilments('open files of sshd', [
  {
    title: 'a limit that costs every login time',
    breakIt: (host) => {
      host.write('sshd.pid', `${PID}\n`)
      host.write(`proc/${PID}/comm`, 'sshd\n')
      host.write(
        `proc/${PID}/limits`,
        'Limit                     Soft Limit           Hard Limit           Units     \n' +
          'Max processes             7000                 7000                 processes \n' +
          'Max open files            1024                 524288               files     \n',
      )
      const pidFile = host.places.proc.replace(/proc$/, 'sshd.pid')
      edit(host.places.sshdConfig, 'PermitRootLogin', `PidFile ${pidFile}\nPermitRootLogin`)
    },
    healIt: ({ places }) => edit(`${places.proc}/${PID}/limits`, '524288', '4096  '),
    severity: 'note',
    says: 'may open 524288 files',
  },
])
