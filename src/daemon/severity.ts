/** The numbers of syslog(3): the tags of log lines in an answer, and `<N>` in the journal. */
export const SEVERITY = { alert: 1, err: 3, warning: 4, notice: 5, info: 6 } as const
