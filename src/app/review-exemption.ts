import type { Exemption } from '../domain/exemption.ts'
import {
  type PolicyWarning,
  type ReviewPorts,
  reviewExceptedGroup,
  reviewGroup,
  reviewService,
  reviewUser,
} from './review-name.ts'
import { reviewEffect, reviewReach } from './review-reach.ts'

/** What is odd about one rule; paths start at it. */
export function reviewExemption(
  ports: ReviewPorts,
  exemption: Exemption,
): readonly PolicyWarning[] {
  const { users = [], groups = [], services = [], exceptUsers, exceptGroups } = exemption
  const about = (warning: PolicyWarning) => ({
    ...warning,
    message: `${exemption.name}: ${warning.message}`,
  })
  return [
    ...users.flatMap((user) => reviewUser(ports, user, ['users'])),
    ...exceptUsers.flatMap((user) => reviewUser(ports, user, ['except_users'])),
    ...groups.flatMap((group) => reviewGroup(ports, group, ['groups'])),
    ...exceptGroups.flatMap((group) => reviewGroup(ports, group, ['except_groups'])),
    ...exceptGroups.flatMap((group) => reviewExceptedGroup(ports, group)),
    ...services.flatMap((name) => reviewService(ports.hasPamService, name, ['services'])),
    ...reviewOverlap(exemption),
    ...reviewReach(exemption),
    ...reviewEffect(exemption),
  ].map(about)
}

/** Everybody whom the rule names is taken out of it again. */
function reviewOverlap(exemption: Exemption): readonly PolicyWarning[] {
  const { users, groups, exceptUsers, exceptGroups } = exemption
  const isEmpty =
    users?.every((user) => exceptUsers.includes(user)) ||
    groups?.every((group) => exceptGroups.includes(group))
  if (!isEmpty) return []
  return [{ path: [], message: 'the exceptions leave nobody', hint: 'the rule excuses no login' }]
}
