/* SPDX-License-Identifier: GPL-2.0-only */
/* Values of options that only this host knows, for the shells' completion. */
#ifndef SRTE_OFFER_H
#define SRTE_OFFER_H

/*
 * For the argument that help calls PATH (a cgroup2 directory), CGROUP (the
 * same, as records have it: below the mount), POOL/NAME, or NAME (an
 * instance): each value that may follow begun. Says nothing where there is
 * none, whatever the reason.
 */
void offer_values(const char *arg, const char *begun,
		  void (*give)(const char *value));

#endif
