/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an event of a timeline is an example of, and what there is to learn from it. Pure. */
#pragma once

/* clang-format off */
#define TOPICS(X)                                                                                    \
	X(start,    "start",   "The program starts: a process like any other, in a network namespace "\
	                       "that has nothing but what slirpway put there.")                      \
	X(end,      "end",     "The program has ended. What it left to the kernel is still sent.")   \
	X(arp,      "ARP",     "The container's kernel looks for the Ethernet address of a neighbour." \
	                       " There is no such machine: libslirp answers in its place. The tap "   \
	                       "wakes the engine, the answer wakes the container's kernel.")          \
	X(ndp,      "NDP",     "Neighbour discovery, the ARP of IPv6: routers and neighbours make "    \
	                       "themselves known. libslirp answers as the router.")                  \
	X(mld,      "MLD",     "The container's kernel says which multicast groups it is in. Nobody " \
	                       "out there wants to know: the engine counts the frame and drops it.") \
	X(dns,      "DNS",     "A name is looked up. The engine takes the question out of the frame " \
	                       "and sends it from a socket of the host to the host's DNS server; the " \
	                       "answer goes back in a frame. Two copies on the way out, three on the way " \
	                       "back.")     \
	X(syn,      "SYN",     "A TCP connection begins. For the container this is the handshake; for " \
	                       "the engine it is an order to open a socket of the host and to connect " \
	                       "it to the same address.")                                            \
	X(syn_ack,  "SYN-ACK", "The handshake is answered, by libslirp, and only now that its own "    \
	                       "connection on the host stands: so connect(2) inside tells the truth.") \
	X(ack,      "ACK",     "An acknowledgement without data. TCP between container and engine "    \
	                       "needs them, though both are on one machine: each is a frame, and "    \
	                       "somebody wakes up for it.")                                          \
	X(data,     "data",    "Data. Outwards the engine copies each byte three times: read(2) from the tap, "\
	                       "into a buffer of libslirp, send(2) on a socket of the host. Inwards four " \
	                       "times: recv(2), twice within libslirp, and a write to the tap.")      \
	X(fin,      "FIN",     "One side has nothing more to send. The engine does a shutdown(2) on its " \
	                       "socket, or has read the end of the stream there.")                   \
	X(rst,      "RST",     "A reset: the connection is refused or broken off. What the program gets " \
	                       "is ECONNREFUSED or ECONNRESET, as it would without slirpway.")        \
	X(udp,      "UDP",     "A datagram. The engine has a socket of the host for each of the "      \
	                       "container's UDP ports, and remembers where answers belong.")         \
	X(ping,     "ping",    "An echo request or its reply. The engine sends it as a ping socket of " \
	                       "the host does, if ping_group_range allows the user one.")            \
	X(icmp,     "ICMP",    "A message of the network about a packet: it could not be delivered.") \
	X(dhcp,     "DHCP",    "The container asks for an address; libslirp has one to give.")       \
	X(fragment, "fragment","A piece of a packet that was longer than the MTU. The engine puts the " \
	                       "pieces together first: libslirp never sees one.")                    \
	X(more,     "more",    "The same once more: the first few were told one by one, all others "    \
	                       "together.")                                                          \
	X(frame,    "frame",   "A frame that is none of the kinds this page tells apart.")           \
	X(call_host,      "",  "The call is trapped: the program stops, the supervisor wakes up. It "  \
	                       "makes a socket of the host, connects or binds it, and puts it under "  \
	                       "the program's number. From here on the data is the kernel's business, " \
	                       "and no part of slirpway sees it.")                                   \
	X(call_container, "",  "The call is trapped, and the answer is: this stays in the container. "  \
	                       "The supervisor does it on the program's own socket, so that nothing "  \
	                       "can be changed between the decision and the deed.")                  \
	X(call_continue,  "",  "The call is trapped and left to the kernel: it has nothing to do with " \
	                       "networks. All it cost is two wake-ups.")                             \
	X(call_refuse,    "",  "The call is trapped and refused: --deny says so. The error is the one " \
	                       "that a reset would give.")                                           \
	X(socket,   "socket",  "A socket of the host has done its work, as the host's kernel tells it. " \
	                       "On the packet path it is the engine's, on the syscall path the "       \
	                       "program's own. (The kernel counts the peer's FIN as a byte received.)")
/* clang-format on */

enum topic {
#define TOPIC_ENUM(name, label, text) TOPIC_##name,
	TOPICS(TOPIC_ENUM)
#undef TOPIC_ENUM
		TOPIC_COUNT
};

/* "call_host": the name in JSON. */
const char *topic_name(enum topic topic);

/* What a line of a timeline calls it; "" where the event has a name of its own. */
const char *topic_label(enum topic topic);

/* Some sentences for a student. */
const char *topic_text(enum topic topic);
