// SPDX-License-Identifier: Apache-2.0
// Which addresses grants open.
#include "tenon/wasi/p2/network.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include "tenon/runtime/embed_test.h"

namespace tenon::wasi::p2 {
namespace {

SocketAddress at(const std::string& host, std::uint16_t port = 80) {
  SocketAddress out;
  auto& four = reinterpret_cast<sockaddr_in&>(out.bytes);
  auto& six = reinterpret_cast<sockaddr_in6&>(out.bytes);
  if (inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    out.size = sizeof(four);
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, host.c_str(), &six.sin6_addr), 1) << host;
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    out.size = sizeof(six);
  }
  return out;
}

class Grants : public Embed {
 protected:
  Grants() { store.emplace_extension<Context>(); }
  Context& context() { return *store.extension<Context>(); }
  bool out(const std::string& host, std::uint16_t port = 80) {
    return may(host_of(store), Direction::outbound, Transport::tcp, at(host, port));
  }
};

TEST_F(Grants, NothingIsReachableWithoutOne) {
  EXPECT_FALSE(out("127.0.0.1"));
  EXPECT_FALSE(out("192.0.2.1"));
  EXPECT_FALSE(may_leave_from(host_of(store), Transport::tcp, at("127.0.0.1", 0)));
}

TEST_F(Grants, OpenOnePortOfOneHostInOneDirection) {
  ASSERT_TRUE(context().grant_outbound("tcp://192.0.2.1:80"));
  EXPECT_TRUE(out("192.0.2.1"));
  EXPECT_FALSE(out("192.0.2.1", 81));
  EXPECT_FALSE(out("192.0.2.2"));
  auto& host = host_of(store);
  EXPECT_FALSE(may(host, Direction::outbound, Transport::udp, at("192.0.2.1")));
  EXPECT_FALSE(may(host, Direction::inbound, Transport::tcp, at("192.0.2.1")));
}

TEST_F(Grants, LoopbackIsNamedLikeAnyHost) {
  ASSERT_TRUE(context().grant_outbound("tcp://localhost:*"));
  EXPECT_TRUE(out("127.0.0.1"));
  EXPECT_TRUE(out("127.9.9.9", 1));
  EXPECT_TRUE(out("::1"));
  EXPECT_FALSE(out("192.0.2.1"));
  EXPECT_FALSE(out("0.0.0.0"));
}

TEST_F(Grants, SpellingsOfAnAddressAreOne) {
  ASSERT_TRUE(context().grant_outbound("tcp://[2001:DB8:0:0::1]"));
  EXPECT_TRUE(out("2001:db8::1"));
  EXPECT_FALSE(out("2001:db8::2"));
}

TEST_F(Grants, SpecialRangesWantAGrantOfTheirOwn) {
  context().inherit_network();
  EXPECT_TRUE(out("192.0.2.1"));
  EXPECT_TRUE(out("fd00::1"));
  for (const auto* special :
       {"169.254.169.254", "169.254.0.1", "100.100.100.200", "fe80::1", "168.63.129.16",
        "192.0.0.192", "fd00:ec2::254", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42"})
    EXPECT_FALSE(out(special)) << special;
  context().grant_special_ranges();
  EXPECT_TRUE(out("169.254.169.254"));
  EXPECT_TRUE(out("fe80::1"));
}

TEST_F(Grants, WhoeverConnectsLeavesFromAFreePortOfAnOrdinaryAddress) {
  ASSERT_TRUE(context().grant_outbound("tcp://192.0.2.1:80"));
  const auto leaves = [&](const char* from, std::uint16_t port) {
    return may_leave_from(host_of(store), Transport::tcp, at(from, port));
  };
  EXPECT_TRUE(leaves("0.0.0.0", 0));
  EXPECT_FALSE(leaves("0.0.0.0", 80));
  EXPECT_FALSE(leaves("169.254.0.1", 0));
  EXPECT_FALSE(may_leave_from(host_of(store), Transport::udp, at("0.0.0.0", 0)));
}

TEST_F(Grants, TranslationsOfIPv4DoNotHideASpecialAddress) {
  context().inherit_network();
  for (const auto* special :
       {"64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "64:ff9b:1:7::a9fe:a9fe", "2002:a9fe:a9fe::1",
        "::ffff:0:169.254.169.254", "64:ff9b::a83f:8110"})
    EXPECT_FALSE(out(special)) << special;
  for (const auto* plain : {"64:ff9b::c000:201", "2002:c000:201::a9fe:a9fe", "2001:db8::a9fe:a9fe"})
    EXPECT_TRUE(out(plain)) << plain;
}

TEST_F(Grants, NamesAreTheAddressesThatCameBack) {
  ASSERT_TRUE(context().grant_outbound("tcp://example.com:443"));
  EXPECT_FALSE(out("192.0.2.7", 443));
  host_of(store).names_of_address["192.0.2.7"].push_back("example.com");
  EXPECT_TRUE(out("192.0.2.7", 443));
  EXPECT_FALSE(out("192.0.2.7", 80));
  EXPECT_FALSE(out("192.0.2.8", 443));
}

TEST_F(Grants, WhatWasRefusedIsToldAsTheOptionWritesIt) {
  const auto& host = host_of(store);
  for (const auto* first : {"2001:db8::1", "192.0.2.1"})
    (void)refuse(host, Direction::outbound, Transport::tcp, at(first, 443));
  (void)refuse(host, Direction::inbound, Transport::udp, at("127.0.0.1", 53));
  (void)refuse(host, Direction::outbound, Transport::tcp, at("169.254.169.254"));
  const auto all = context().refusals();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].kind, Refused::outbound);
  EXPECT_EQ(all[0].what, "tcp://[2001:db8::1]:443");
  EXPECT_EQ(all[1].kind, Refused::inbound);
  EXPECT_EQ(all[1].what, "udp://127.0.0.1:53");
  EXPECT_EQ(all[2].kind, Refused::special_range);
  for (const auto& one : {all[0], all[1]}) EXPECT_TRUE(parse_address_grant(one.what));
}

TEST(Addresses, AreOfOneFamilyAndOneReceiver) {
  EXPECT_TRUE(check_family(at("192.0.2.1"), false));
  EXPECT_FALSE(check_family(at("192.0.2.1"), true));
  EXPECT_FALSE(check_family(at("::ffff:192.0.2.1"), true)) << "IPv4 in disguise";
  EXPECT_FALSE(check_family(at("::192.0.2.1"), true));
  EXPECT_TRUE(check_family(at("::1"), true));
  EXPECT_FALSE(check_family(at("224.0.0.1"), false));
  EXPECT_FALSE(check_family(at("255.255.255.255"), false));
  EXPECT_FALSE(check_family(at("ff02::1"), true));
  EXPECT_FALSE(check_remote(at("0.0.0.0"), false));
  EXPECT_FALSE(check_remote(at("::"), true));
  EXPECT_FALSE(check_remote(at("192.0.2.1", 0), false));
}

TEST(Addresses, ComeBackAsTheyWere) {
  for (const auto* host : {"192.0.2.1", "2001:db8::1:2"}) {
    const auto one = at(host, 4711);
    EXPECT_TRUE(SocketAddress(one.to_wit()) == one) << host;
    EXPECT_EQ(SocketAddress(one.to_wit()).host(), host);
  }
}

}  // namespace
}  // namespace tenon::wasi::p2
