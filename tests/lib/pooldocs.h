/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools documents that are wrong in one place, and what is said of each. */
#ifndef TEST_POOLDOCS_H
#define TEST_POOLDOCS_H

#include "fault.h"

#define ENDPOINT	"{\"prefix\":\"10.0.2.0/24\",\"sid\":\"fc00:2::d4\"}"
#define ENDPOINTS	"\"endpoints\":[" ENDPOINT "]"
#define ENTRY		"{\"name\":\"s1\",\"segments\":[\"fc00:a::1\"]}"
#define POOLS		"\"pools\":{\"heavy\":[" ENTRY "]}"
#define GOOD		"{" ENDPOINTS "," POOLS "}"
/* A document with one part replaced. */
#define WITH_ENTRY(e)							\
	"{" ENDPOINTS ",\"pools\":{\"heavy\":[" ENTRY "," e "]}}"
#define WITH_SID(s)							\
	WITH_ENTRY("{\"name\":\"s2\",\"segments\":[\"fc00::1\"," s "]}")
#define WITH_NAME(n)							\
	WITH_ENTRY("{\"name\":" n ",\"segments\":[\"fc00::1\"]}")
#define WITH_WEIGHT(w)							\
	WITH_ENTRY("{\"name\":\"s2\",\"segments\":[\"fc00::1\"],"	\
		   "\"weight\":" w "}")
#define WITH_MODE(m)							\
	WITH_ENTRY("{\"name\":\"s2\",\"segments\":[\"fc00::1\"],"	\
		   "\"mode\":" m "}")
#define BLOCK		"\"usid_block\":\"fcbb:bb00::/32\","
#define USIDS(block, u)							\
	"{" block ENDPOINTS ",\"pools\":{\"heavy\":[{\"name\":\"s\","	\
	"\"segments\":[{\"usids\":" u "}]}]}}"
#define WITH_END(e)	"{\"endpoints\":[" ENDPOINT "," e "]," POOLS "}"
#define WITH_MATCH(m)	"{" ENDPOINTS "," POOLS ",\"matches\":[{" m "}]}"
#define WITH_POOLS(p)	"{" ENDPOINTS ",\"pools\":" p "}"

#define SID4		"\"fc00::1\",\"fc00::2\",\"fc00::3\",\"fc00::4\","
#define SID13		SID4 SID4 SID4 "\"fc00::5\""
#define ENTRY_N(n)	"{\"name\":\"" n "\",\"segments\":[\"fc00::1\"]}"

static const struct {
	const char *text;
	enum fault_id id;
	const char *says;	/* after the file's name and ": " */
} bad[] = {
	{ "", FAULT_POOLS_FILE, NULL },
	{ "{", FAULT_POOLS_FILE, NULL },
	{ GOOD "x", FAULT_POOLS_FILE, NULL },
	{ "{\"pools\":{}, \"pools\":{}}", FAULT_POOLS_FILE, NULL },
	{ "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", FAULT_POOLS_FILE,
	  "nested more than 16 deep" },
	{ "[]", FAULT_POOLS_FILE, "is an array, not an object" },
	{ "{}", FAULT_POOLS_FILE, "\"endpoints\" is missing" },
	{ "{" ENDPOINTS "}", FAULT_POOLS_FILE, "\"pools\" is missing" },
	{ "{" POOLS "}", FAULT_POOLS_FILE, "\"endpoints\" is missing" },
	{ "{" ENDPOINTS "," POOLS ",\"Source\":\"fc00::1\"}",
	  FAULT_POOLS_FILE, "\"Source\" is not a key here" },
	{ "{" ENDPOINTS "," POOLS ",\"a\\u001b[2Jb\":1}",
	  FAULT_POOLS_FILE, "\"a?[2Jb\" is not a key here" },
	{ "{\"source\":\"fe80::1\"," ENDPOINTS "," POOLS "}", FAULT_BAD_SID,
	  "source: fe80::1 is link-local" },
	{ "{\"source\":\"10.0.0.1\"," ENDPOINTS "," POOLS "}", FAULT_BAD_SID,
	  "source: 10.0.0.1 is IPv4" },
	{ "{\"source\":1," ENDPOINTS "," POOLS "}", FAULT_POOLS_FILE,
	  "source: is an integer, not a string" },
	{ "{\"source\":null," ENDPOINTS "," POOLS "}", FAULT_POOLS_FILE,
	  "source: is null, not a string" },

	{ WITH_ENTRY("{\"name\":\"s2\",\"segments\":[\"fc00::1\"],"
		     "\"risk\":[\"a b\"]}"), FAULT_POOLS_FILE,
	  "pools.heavy[1].risk[0]: \"a b\" is not 1 to 31 characters of "
	  "A-Z a-z 0-9 _ . -" },
	{ WITH_ENTRY("{\"name\":\"s2\",\"segments\":[\"fc00::1\"],"
		     "\"risk\":\"a\"}"), FAULT_POOLS_FILE,
	  "pools.heavy[1].risk: is a string, not an array" },
	{ WITH_MODE("\"red\""), FAULT_POOLS_FILE,
	  "pools.heavy[1].mode: \"red\" is not encap, encap.red or inline" },
	{ WITH_MODE("2"), FAULT_POOLS_FILE,
	  "pools.heavy[1].mode: is an integer, not a string" },
	{ "{\"hop_limit\":0," ENDPOINTS "," POOLS "}", FAULT_POOLS_FILE,
	  "hop_limit: 0 is not in 1..255" },
	{ "{\"hop_limit\":256," ENDPOINTS "," POOLS "}", FAULT_POOLS_FILE,
	  "hop_limit: 256 is not in 1..255" },
	{ "{\"usid_block\":\"fcbb:bb00::/40\"," ENDPOINTS "," POOLS "}",
	  FAULT_POOLS_FILE, "usid_block: length is not 16, 32, ... or 112" },
	{ "{\"usid_block\":\"fe80::/32\"," ENDPOINTS "," POOLS "}",
	  FAULT_BAD_SID, "usid_block: is link-local" },
	{ USIDS("", "[\"0100\"]"), FAULT_POOLS_FILE,
	  "pools.heavy[0].segments[0].usids: needs a usid_block to be packed "
	  "behind" },
	{ USIDS(BLOCK, "[\"0000\"]"), FAULT_BAD_SID,
	  "pools.heavy[0].segments[0].usids[0]: \"0000\" is not a uSID: one "
	  "to four hex digits, not zero" },
	{ USIDS(BLOCK, "[\"1\",\"12345\"]"), FAULT_BAD_SID,
	  "pools.heavy[0].segments[0].usids[1]: \"12345\" is not a uSID: "
	  "one to four hex digits, not zero" },
	{ USIDS(BLOCK, "[]"), FAULT_POOLS_FILE,
	  "pools.heavy[0].segments[0].usids: is empty" },
	{ USIDS(BLOCK, "[\"1\"],\"x\":1"), FAULT_POOLS_FILE,
	  "pools.heavy[0].segments[0]: \"x\" is not a key here" },

	{ "{\"endpoints\":{}," POOLS "}", FAULT_POOLS_FILE,
	  "endpoints: is an object, not an array" },
	{ "{\"endpoints\":[]," POOLS "}", FAULT_POOLS_FILE,
	  "endpoints: is empty" },
	{ WITH_END("3"), FAULT_POOLS_FILE,
	  "endpoints[1]: is an integer, not an object" },
	{ WITH_END("{\"sid\":\"fc00::1\"}"), FAULT_POOLS_FILE,
	  "endpoints[1]: \"prefix\" is missing" },
	{ WITH_END("{\"prefix\":\"fd00::/64\",\"via\":1}"), FAULT_POOLS_FILE,
	  "endpoints[1]: \"via\" is not a key here" },
	{ WITH_END("{\"prefix\":\"10.0.3.1/24\"}"), FAULT_POOLS_FILE,
	  "endpoints[1].prefix: \"10.0.3.1/24\" is not a prefix, or has "
	  "bits past its length" },
	{ WITH_END("{\"prefix\":\"10.0.3.0/33\"}"), FAULT_POOLS_FILE,
	  "endpoints[1].prefix: \"10.0.3.0/33\" is not a prefix, or has "
	  "bits past its length" },
	{ WITH_END("{\"prefix\":24}"), FAULT_POOLS_FILE,
	  "endpoints[1].prefix: is an integer, not a string" },
	{ WITH_END("{\"prefix\":\"10.0.2.0/24\"}"), FAULT_POOLS_FILE,
	  "endpoints[1]: prefix 10.0.2.0/24 is taken by endpoints[0]" },
	{ WITH_END("{\"prefix\":\"::ffff:10.0.2.0/120\"}"), FAULT_POOLS_FILE,
	  "endpoints[1]: prefix 10.0.2.0/24 is taken by endpoints[0]" },
	{ WITH_END("{\"prefix\":\"fd00::/64\",\"sid\":\"ff02::1\"}"),
	  FAULT_BAD_SID, "endpoints[1].sid: ff02::1 is multicast" },
	{ WITH_END("{\"prefix\":\"fd00::/64\",\"sid\":\"\"}"),
	  FAULT_BAD_SID, "endpoints[1].sid: \"\" is not an address" },

	{ WITH_POOLS("[]"), FAULT_POOLS_FILE,
	  "pools: is an array, not an object" },
	{ WITH_POOLS("{}"), FAULT_POOLS_FILE, "pools: is empty" },
	{ WITH_POOLS("{\"bulk\":[" ENTRY "]}"), FAULT_POOLS_FILE,
	  "pools.bulk: nothing uses a pool of this name: no match names it, "
	  "and it is not \"default\" or \"heavy\"" },
	{ WITH_POOLS("{\"a/b\":[" ENTRY "]}"), FAULT_POOLS_FILE,
	  "pools.a/b: the name is not 1 to 31 characters of A-Z a-z 0-9 _ . "
	  "-" },
	{ WITH_POOLS("{\"12345678901234567890123456789012\":[" ENTRY "]}"),
	  FAULT_POOLS_FILE, "pools.12345678901234567890123456789012: the "
	  "name is not 1 to 31 characters of A-Z a-z 0-9 _ . -" },
	{ WITH_MATCH("\"proto\":\"tcp\""), FAULT_POOLS_FILE,
	  "matches[0]: \"pool\" is missing" },
	{ WITH_MATCH("\"pool\":\"bulk\""), FAULT_POOLS_FILE,
	  "matches[0].pool: there is no pool \"bulk\"" },
	{ WITH_MATCH("\"heavy\":7"), FAULT_POOLS_FILE,
	  "matches[0].heavy: is an integer, not a string" },
	{ WITH_MATCH("\"port\":7"), FAULT_POOLS_FILE,
	  "matches[0]: \"port\" is not a key here" },
	{ WITH_MATCH("\"cgroup\":\"db\""), FAULT_POOLS_FILE,
	  "matches[0].cgroup: \"db\" is not the path of a cgroup: \"/\", "
	  "\"/db\", \"/tenants/a\"" },
	{ WITH_MATCH("\"cgroup\":\"/a/../b\""), FAULT_POOLS_FILE,
	  "matches[0].cgroup: \"/a/../b\" is not the path of a cgroup: "
	  "\"/\", \"/db\", \"/tenants/a\"" },
	{ WITH_MATCH("\"src\":\"10.0.0.1/8\""), FAULT_POOLS_FILE,
	  "matches[0].src: \"10.0.0.1/8\" is not a prefix, or has bits past "
	  "its length" },
	{ WITH_MATCH("\"proto\":\"tpc\""), FAULT_POOLS_FILE,
	  "matches[0].proto: \"tpc\" is not tcp, udp, icmp, icmpv6, sctp or "
	  "a number to 255" },
	{ WITH_MATCH("\"proto\":6"), FAULT_POOLS_FILE,
	  "matches[0].proto: is not a string" },
	{ WITH_MATCH("\"dport\":0"), FAULT_POOLS_FILE,
	  "matches[0].dport: 0 is not in 1..65535" },
	{ WITH_MATCH("\"dport\":\"80-\""), FAULT_POOLS_FILE,
	  "matches[0].dport: \"80-\" is not a port or a range of ports" },
	{ WITH_MATCH("\"sport\":\"90-80\""), FAULT_POOLS_FILE,
	  "matches[0].sport: \"90-80\" is not a range: it ends before it "
	  "begins" },
	{ WITH_MATCH("\"mark\":\"0x11/0xf0\""), FAULT_POOLS_FILE,
	  "matches[0].mark: \"0x11/0xf0\" is not a mark within its mask" },
	{ WITH_MATCH("\"mark\":\"x\""), FAULT_POOLS_FILE,
	  "matches[0].mark: \"x\" is not a mark, or mark/mask" },
	{ WITH_MATCH("\"mark\":-1"), FAULT_POOLS_FILE,
	  "matches[0].mark: -1 is not in 0..4294967295" },
	{ "{" ENDPOINTS "," POOLS ",\"matches\":[]}", FAULT_POOLS_FILE,
	  "matches: is empty" },
	{ WITH_POOLS("{\"heavy\":[]}"), FAULT_POOLS_FILE,
	  "pools.heavy: is empty" },
	{ WITH_POOLS("{\"heavy\":" ENTRY "}"), FAULT_POOLS_FILE,
	  "pools.heavy: is an object, not an array" },
	{ WITH_ENTRY("\"s2\""), FAULT_POOLS_FILE,
	  "pools.heavy[1]: is a string, not an object" },
	{ WITH_ENTRY("{\"segments\":[\"fc00::1\"]}"), FAULT_POOLS_FILE,
	  "pools.heavy[1]: \"name\" is missing" },
	{ WITH_ENTRY("{\"name\":\"s2\"}"), FAULT_POOLS_FILE,
	  "pools.heavy[1]: \"segments\" is missing" },
	{ WITH_ENTRY("{\"name\":\"s2\",\"segments\":[\"fc00::1\"],"
		     "\"wieght\":2}"), FAULT_POOLS_FILE,
	  "pools.heavy[1]: \"wieght\" is not a key here" },
	{ WITH_NAME("\"s1\""), FAULT_POOLS_FILE,
	  "pools.heavy[1]: name \"s1\" is taken by pools.heavy[0]" },
	{ WITH_NAME("\"\""), FAULT_POOLS_FILE,
	  "pools.heavy[1].name: \"\" is not 1 to 31 characters of A-Z a-z "
	  "0-9 _ . -" },
	{ WITH_NAME("\"a/b\""), FAULT_POOLS_FILE,
	  "pools.heavy[1].name: \"a/b\" is not 1 to 31 characters of A-Z "
	  "a-z 0-9 _ . -" },
	{ WITH_NAME("\"12345678901234567890123456789012\""), FAULT_POOLS_FILE,
	  "pools.heavy[1].name: \"12345678901234567890123456789012\" is not "
	  "1 to 31 characters of A-Z a-z 0-9 _ . -" },
	{ WITH_NAME("true"), FAULT_POOLS_FILE,
	  "pools.heavy[1].name: is true, not a string" },
	{ WITH_WEIGHT("0"), FAULT_POOLS_FILE,
	  "pools.heavy[1].weight: 0 is not in 1..65535" },
	{ WITH_WEIGHT("65536"), FAULT_POOLS_FILE,
	  "pools.heavy[1].weight: 65536 is not in 1..65535" },
	{ WITH_WEIGHT("-1"), FAULT_POOLS_FILE,
	  "pools.heavy[1].weight: -1 is not in 1..65535" },
	{ WITH_WEIGHT("1.5"), FAULT_POOLS_FILE,
	  "pools.heavy[1].weight: is a fraction, not an integer" },
	{ WITH_WEIGHT("\"2\""), FAULT_POOLS_FILE,
	  "pools.heavy[1].weight: is a string, not an integer" },
	{ WITH_ENTRY("{\"name\":\"s2\",\"segments\":[]}"), FAULT_POOLS_FILE,
	  "pools.heavy[1].segments: is empty" },
	{ WITH_ENTRY("{\"name\":\"s2\",\"segments\":\"fc00::1\"}"),
	  FAULT_POOLS_FILE,
	  "pools.heavy[1].segments: is a string, not an array" },
	{ WITH_SID("\"fe80::1\""), FAULT_BAD_SID,
	  "pools.heavy[1].segments[1]: fe80::1 is link-local" },
	{ WITH_SID("\"::1\""), FAULT_BAD_SID,
	  "pools.heavy[1].segments[1]: ::1 is loopback" },
	{ WITH_SID("\"::\""), FAULT_BAD_SID,
	  "pools.heavy[1].segments[1]: :: is unspecified" },
	{ WITH_SID("\"fc00:a::1/64\""), FAULT_BAD_SID,
	  "pools.heavy[1].segments[1]: \"fc00:a::1/64\" is not an address" },
	{ WITH_SID("7"), FAULT_POOLS_FILE,
	  "pools.heavy[1].segments[1]: is an integer, not a string" },
	{ WITH_ENTRY("{\"name\":\"s2\",\"segments\":[" SID13
		     ",\"fc00::6\"]}"), FAULT_TOO_LONG,
	  "pools.heavy[1].segments: has 14 members, 13 fit" },
	{ WITH_POOLS("{\"heavy\":["
		     ENTRY_N("a") "," ENTRY_N("b") "," ENTRY_N("c") ","
		     ENTRY_N("d") "," ENTRY_N("e") "," ENTRY_N("f") ","
		     ENTRY_N("g") "," ENTRY_N("h") "," ENTRY_N("i") ","
		     ENTRY_N("j") "," ENTRY_N("k") "," ENTRY_N("l") ","
		     ENTRY_N("m") "," ENTRY_N("n") "," ENTRY_N("o") ","
		     ENTRY_N("p") "," ENTRY_N("q") "]}"), FAULT_TOO_MANY,
	  "pools.heavy: has 17 members, 16 fit" },
};

#endif
