// What wall clocks show (field cases D13, D25): behind the last listed transition, with files of every make, and when
// the files change under a running process.
#include "domain/zones.hpp"
#include "tests/support/tzif.hpp"

#include <gmock/gmock.h>
#include <unicode/basictz.h>
#include <unicode/timezone.h>
#include <unicode/tzrule.h>
#include <unicode/tztrans.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <map>
#include <thread>

namespace dun::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Instant at(const char* rfc3339) {
  return parse_rfc3339(rfc3339).value();
}

LocalMillis wall(const char* rfc3339) {
  return LocalMillis(at(rfc3339).time_since_epoch());
}

std::string clock(const char* zone, const char* instant) {
  const auto* const found = zone_data().find(zone);
  return found == nullptr ? "no such zone" : to_rfc3339(at(instant), zone_data().offset(*found, at(instant)));
}

ZoneRules rules_of(const std::string& bytes) {
  auto rules = ZoneRules::parse(bytes);
  EXPECT_TRUE(rules) << (rules ? "" : rules.error());
  return rules.value();
}

std::string shipped(const std::string& zone) {
  std::ifstream in("/usr/share/zoneinfo/" + zone, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Change {
  Instant at;
  Seconds before{0}, after{0};
  friend bool operator==(const Change&, const Change&) = default;
  friend void PrintTo(const Change& change, std::ostream* out) {
    *out << to_rfc3339(change.at) << " from " << change.before.count() << " s to " << change.after.count() << " s";
  }
};

std::vector<Change> changes(const ZoneRules& rules, Instant from, Instant until) {
  std::vector<Change> list;
  for (auto stretch = rules.at(from); stretch.end < until;) {
    const auto next = rules.at(stretch.end);
    EXPECT_EQ(next.begin, stretch.end) << to_rfc3339(stretch.end);
    if (next.offset != stretch.offset)
      list.push_back({.at = stretch.end, .before = stretch.offset, .after = next.offset});
    stretch = next;
  }
  return list;
}

/// The same from ICU, which has its own copy of the rules and its own reading of them.
std::vector<Change> changes_by_icu(const std::string& zone, Instant from, Instant until) {
  const std::unique_ptr<icu::TimeZone> found(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(zone)));
  const auto& basic = dynamic_cast<const icu::BasicTimeZone&>(*found);
  std::vector<Change> list;
  auto time = static_cast<UDate>(from.time_since_epoch().count());
  icu::TimeZoneTransition transition;
  while (basic.getNextTransition(time, false, transition)) {
    time = transition.getTime();
    const Instant when{Millis(static_cast<std::int64_t>(time))};
    if (when >= until) break;
    const auto offset = [](const icu::TimeZoneRule& rule) {
      return Seconds((rule.getRawOffset() + rule.getDSTSavings()) / 1000);
    };
    const Change change{.at = when, .before = offset(*transition.getFrom()), .after = offset(*transition.getTo())};
    if (change.before != change.after) list.push_back(change);
  }
  return list;
}

TEST(FieldCases, D13_BehindTheListTheRuleAtTheFilesEndHolds) {
  // The case shown, and the other half of the year, the half hour, negative summer time, none at all, and Friday's.
  EXPECT_EQ(clock("America/New_York", "2040-07-11T02:30:00Z"), "2040-07-10T22:30:00-04:00");
  EXPECT_EQ(clock("America/New_York", "2040-12-11T02:30:00Z"), "2040-12-10T21:30:00-05:00");
  EXPECT_EQ(clock("Europe/Berlin", "2055-07-01T20:00:00Z"), "2055-07-01T22:00:00+02:00");
  EXPECT_EQ(clock("Europe/Berlin", "2055-01-01T20:00:00Z"), "2055-01-01T21:00:00+01:00");
  EXPECT_EQ(clock("Europe/Dublin", "2070-07-01T20:00:00Z"), "2070-07-01T21:00:00+01:00");
  EXPECT_EQ(clock("Europe/Dublin", "2070-12-01T20:00:00Z"), "2070-12-01T20:00:00+00:00");
  EXPECT_EQ(clock("Australia/Sydney", "2060-01-15T10:00:00Z"), "2060-01-15T21:00:00+11:00");
  EXPECT_EQ(clock("Australia/Sydney", "2060-07-15T10:00:00Z"), "2060-07-15T20:00:00+10:00");
  EXPECT_EQ(clock("Australia/Lord_Howe", "2060-01-15T10:00:00Z"), "2060-01-15T21:00:00+11:00");
  EXPECT_EQ(clock("Australia/Lord_Howe", "2060-07-15T10:00:00Z"), "2060-07-15T20:30:00+10:30");
  EXPECT_EQ(clock("Asia/Shanghai", "2099-07-15T10:00:00Z"), "2099-07-15T18:00:00+08:00");
  EXPECT_EQ(clock("Africa/Casablanca", "2040-06-15T10:00:00Z"), "2040-06-15T11:00:00+01:00");
  EXPECT_EQ(clock("Africa/Casablanca", "2099-06-15T10:00:00Z"), "2099-06-15T11:00:00+01:00");
  EXPECT_EQ(clock("America/Nuuk", "2041-07-15T10:00:00Z"), "2041-07-15T09:00:00-01:00");
  EXPECT_EQ(clock("America/Nuuk", "2041-12-15T10:00:00Z"), "2041-12-15T08:00:00-02:00");
  EXPECT_EQ(clock("America/New_York", "9999-07-01T12:00:00Z"), "9999-07-01T08:00:00-04:00") << "as far as dates go";
}

TEST(FieldCases, D13_EveryChangeUntil2100IsThatOfIcu) {
  const Instant from = at("2025-01-01T00:00:00Z");
  const Instant until = at("2101-01-01T00:00:00Z");
  for (const char* const zone : {"America/New_York",  "America/Chicago",    "America/Los_Angeles", "America/St_Johns",
                                 "America/Sao_Paulo", "America/Santiago",   "Europe/Berlin",       "Europe/London",
                                 "Europe/Dublin",     "Atlantic/Azores",    "Africa/Johannesburg", "Asia/Shanghai",
                                 "Asia/Kolkata",      "Asia/Kathmandu",     "Asia/Jerusalem",      "Asia/Tokyo",
                                 "Australia/Sydney",  "Australia/Adelaide", "Australia/Lord_Howe", "Pacific/Auckland",
                                 "Pacific/Chatham",   "Pacific/Easter",     "Antarctica/Troll",    "Etc/UTC"}) {
    EXPECT_EQ(changes(rules_of(shipped(zone)), from, until), changes_by_icu(zone, from, until)) << zone;
  }
  EXPECT_EQ(changes(rules_of(shipped("America/New_York")), from, until).size(), 2U * 76);
}

TEST(FieldCases, D13_WallTimesMeanTheRightInstantInGapsAndOverlaps) {
  for (const char* const zone : {"America/New_York", "Europe/Berlin", "Europe/Dublin", "Australia/Sydney",
                                 "Australia/Lord_Howe", "America/Nuuk", "Asia/Beirut", "Africa/Casablanca"}) {
    const ZoneRules rules = rules_of(shipped(zone));
    for (const Change& change : changes(rules, at("2025-01-01T00:00:00Z"), at("2101-01-01T00:00:00Z"))) {
      const LocalMillis before(change.at.time_since_epoch() + change.before);
      const LocalMillis after(change.at.time_since_epoch() + change.after);
      const LocalMillis middle = before + (after - before) / 2;
      const auto readings = rules.readings(middle);
      if (change.after > change.before) {
        EXPECT_EQ(readings.earliest, change.at) << zone;
        EXPECT_EQ(readings.latest, change.at) << zone;
        EXPECT_EQ(rules.readings(before).earliest, change.at) << zone << ": the gap begins with the change";
      } else {
        EXPECT_EQ(readings.earliest, Instant(middle.time_since_epoch() - change.before)) << zone;
        EXPECT_EQ(readings.latest, Instant(middle.time_since_epoch() - change.after)) << zone;
        EXPECT_EQ(rules.readings(before).earliest, Instant(before.time_since_epoch() - change.after))
            << zone << ": shown once only, after it";
      }
      for (const Millis away : {Millis(hours(-30)), Millis(hours(-4)), Millis(hours(4)), Millis(hours(30))}) {
        const Instant instant = change.at + away;
        const LocalMillis shown((instant + rules.at(instant).offset).time_since_epoch());
        EXPECT_EQ(rules.readings(shown).earliest, instant) << zone;
        EXPECT_EQ(rules.readings(shown).latest, instant) << zone;
      }
    }
  }
}

TEST(FieldCases, D13_WhatIsListedReadsAsTheDateLibraryReadsIt) {
  for (const std::string_view name : zone_data().names()) {
    if (name == "Factory") continue;  // which the library leaves out
    const auto* const handle = zone_data().find(name);
    ASSERT_NE(handle, nullptr) << zone_data().trouble(name);
    const auto* const other = date::locate_zone(name);
    // Morocco's Ramadan is listed until 2087.
    const Instant until = at(name == "Africa/Casablanca" ? "2087-01-01T00:00:00Z" : "2037-01-01T00:00:00Z");
    for (Instant instant = at("1960-01-01T00:00:00Z"); instant < until; instant += hours(24 * 5 + 7)) {
      ASSERT_EQ(zone_data().offset(*handle, instant), other->get_info(instant).offset)
          << name << ' ' << to_rfc3339(instant);
    }
  }
}

TEST(FieldCases, D13_SlimFilesSayTheSame) {
  constexpr std::int32_t est = -5 * 3600;
  constexpr std::int32_t edt = -4 * 3600;
  // As `zic -b slim` ends New York's list: with the first change under the rule of today.
  const ZoneRules slim = rules_of(tzif(est, {{1173596400, edt}}, "EST5EDT,M3.2.0,M11.1.0"));
  const ZoneRules fat = rules_of(shipped("America/New_York"));
  const Instant from = at("2007-06-01T00:00:00Z");
  const Instant until = at("2101-01-01T00:00:00Z");
  EXPECT_EQ(changes(slim, from, until), changes(fat, from, until));
  EXPECT_EQ(slim.at(at("2026-07-11T02:30:00Z")).offset, Seconds(edt)) << "today";
  EXPECT_EQ(slim.at(at("2007-01-01T00:00:00Z")).offset, Seconds(est)) << "the rule does not reach back";

  // No list at all, as for what has always been so.
  const ZoneRules shanghai = rules_of(tzif(8 * 3600, {}, "CST-8"));
  EXPECT_EQ(shanghai.at(at("2026-07-11T02:30:00Z")).offset, Seconds(hours(8)));
  EXPECT_EQ(shanghai.readings(wall("2040-07-11T22:30:00Z")).earliest, at("2040-07-11T14:30:00Z"));
  // The southern half, where summer spans the turn of the year.
  const ZoneRules sydney = rules_of(tzif(36000, {}, "AEST-10AEDT,M10.1.0,M4.1.0/3"));
  EXPECT_EQ(changes(sydney, at("2008-07-01T00:00:00Z"), until),
            changes(rules_of(shipped("Australia/Sydney")), at("2008-07-01T00:00:00Z"), until));
}

TEST(FieldCases, D13_RulesOfEveryForm) {
  struct Row {
    const char* rule;
    const char* instant;
    Seconds offset;
  };
  for (const Row& row : {
           Row{"<+0330>-3:30", "2040-01-01T00:00:00Z", minutes(210)},
           Row{"<-0930>9:30", "2040-01-01T00:00:00Z", -minutes(570)},
           Row{"ABC-1:02:03", "2040-01-01T00:00:00Z", Seconds(3723)},
           Row{"EET-2EEST,M3.4.4/50,M10.4.4/50", "2040-03-24T00:00:00Z",
               hours(3)},  // Gaza: 50 h from Thursday the 22nd
           Row{"EET-2EEST,M3.4.4/50,M10.4.4/50", "2040-03-23T23:59:59Z", hours(2)},
           Row{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T00:59:59Z", -hours(2)},  // Nuuk: on Saturday evening
           Row{"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2040-03-25T01:00:00Z", -hours(1)},
           Row{"XXX3EDT4,0/0,J365/23", "2040-01-01T03:00:00Z", -hours(4)},  // summer all the year
           Row{"XXX3EDT4,0/0,J365/23", "2040-12-31T23:59:59Z", -hours(4)},
           Row{"XXX3EDT4,0/0,J365/23", "2041-01-01T02:59:59Z", -hours(4)},
           Row{"AAA0BBB,J60/0,J61/0", "2040-03-01T00:00:00Z", hours(1)},  // March 1st in leap years too
           Row{"AAA0BBB,J60/0,J61/0", "2040-02-29T12:00:00Z", hours(0)},
           Row{"AAA0BBB,59/0,60/0", "2040-02-29T12:00:00Z", hours(1)},
           Row{"AAA0BBB,59/0,60/0", "2041-03-01T12:00:00Z", hours(1)},
       }) {
    const ZoneRules rules = rules_of(tzif(0, {}, row.rule));
    EXPECT_EQ(rules.at(at(row.instant)).offset, row.offset) << row.rule << ' ' << row.instant;
  }
  for (const char* const wrong :
       {"E5", "EST", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M3.2.0,M11.1.0,", "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,J0,J366", "EST25", "<EST5", "EST5:60",
        "EST5EDT,M3.2.0/168,M11.1.0", " EST5", "EST5 ", "EST5EDT,M3.2,M11.1.0", "EST5EDT,,M11.1.0"})
    EXPECT_FALSE(parse_posix_rule(wrong)) << wrong;
}

TEST(FieldCases, D13_AFileThatEndsEarlyOrWronglyIsRefused) {
  const std::string whole = shipped("America/New_York");
  ASSERT_TRUE(ZoneRules::parse(whole));
  for (std::size_t length = 0; length < whole.size(); ++length)
    ASSERT_FALSE(ZoneRules::parse(std::string_view(whole).substr(0, length))) << "cut at " << length;
  EXPECT_FALSE(ZoneRules::parse(whole + "x"));
  EXPECT_FALSE(ZoneRules::parse("<html>404</html>"));
  EXPECT_THAT(ZoneRules::parse(tzif(0, {}, "EST5EDT")).error(), HasSubstr("its last line is no rule: \"EST5EDT\""));
  EXPECT_THAT(ZoneRules::parse(tzif(0, {{100, 0}, {50, 3600}}, "UTC0")).error(), HasSubstr("not in order"));
  std::string version_1 = whole;
  version_1[4] = '\0';
  EXPECT_THAT(ZoneRules::parse(version_1).error(), HasSubstr("version 1"));
  // Whatever one byte says, it is read or refused and nothing else.
  for (std::size_t i = 0; i < whole.size(); i += 3)
    for (const char other : {'\0', '\x7f', '\xff'}) {
      std::string changed = whole;
      changed[i] = other;
      if (const auto rules = ZoneRules::parse(changed)) (void)rules->readings(wall("2040-07-11T02:30:00Z"));
    }
}

/// A directory of zone files that a test may change.
class ZoneFiles {
 public:
  ZoneFiles() : path_(fs::temp_directory_path() / ("dun-zones-" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    put("Etc/UTC", tzif(0, {}, "UTC0"));
    put("Asia/Almaty", tzif(6 * 3600, {}, "<+06>-6"));
    put("tzdata.zi", "# version 2023d\n");
    put("zone.tab", "no zone\n");
  }
  ZoneFiles(const ZoneFiles&) = delete;
  ZoneFiles& operator=(const ZoneFiles&) = delete;
  ~ZoneFiles() { fs::remove_all(path_); }

  void put(const std::string& name, const std::string& bytes) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary | std::ios::trunc) << bytes;
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(FieldCases, D13_ABrokenFileIsNoZoneAndIsNamed) {
  const ZoneFiles files;
  files.put("Asia/Broken", tzif(6 * 3600, {}, "<+06>-6").substr(0, 60));
  files.put("Asia/Empty", "");
  const ZoneData data(files.path());
  EXPECT_EQ(data.find("Asia/Broken"), nullptr);
  EXPECT_THAT(data.trouble("asia/broken"),
              HasSubstr((files.path() / "Asia/Broken").string() + ": it ends in the middle"));
  EXPECT_THAT(data.trouble("Asia/Empty"), HasSubstr("Asia/Empty: it is empty"));
  EXPECT_THROW((void)data.get("Asia/Broken"), std::runtime_error);
  EXPECT_EQ(data.trouble("Asia/Almaty"), "");
  EXPECT_EQ(data.trouble("Asia/Nowhere"), "");
  EXPECT_EQ(data.find("Asia/Nowhere"), nullptr);
  EXPECT_EQ(data.find("../etc/passwd"), nullptr);
  EXPECT_EQ(data.find("zone.tab"), nullptr);
  ASSERT_NE(data.find("asia/ALMATY"), nullptr);
  EXPECT_EQ(data.find("asia/ALMATY")->name(), "Asia/Almaty");
  EXPECT_THAT(data.names(), ElementsAre("Asia/Almaty", "Asia/Broken", "Asia/Empty", "Etc/UTC"));
}

TEST(FieldCases, D25_ANewFileIsInForceAfterReload) {
  const ZoneFiles files;
  ZoneData data(files.path());
  const Instant now = at("2024-06-01T00:00:00Z");
  const auto* const almaty = data.find("Asia/Almaty");
  ASSERT_NE(almaty, nullptr);
  EXPECT_EQ(data.version().name, "2023d");
  EXPECT_EQ(data.offset(*almaty, now), hours(6));

  // As Kazakhstan did on 2024-03-01.
  files.put("Asia/Almaty", tzif(6 * 3600, {{1709229600, 5 * 3600}}, "<+05>-5"));
  files.put("Asia/New", tzif(3600, {}, "CET-1"));
  files.put("tzdata.zi", "# version 2024a\n");
  EXPECT_EQ(data.offset(*almaty, now), hours(6)) << "not before it is told to";
  EXPECT_EQ(data.find("Asia/New"), nullptr);
  const auto reloaded = data.reload();
  EXPECT_THAT(reloaded.changed, ElementsAre("Asia/Almaty"));
  EXPECT_THAT(reloaded.trouble, IsEmpty());
  EXPECT_EQ(data.offset(*almaty, now), hours(5)) << "by the handle of before too";
  EXPECT_EQ(data.find("Asia/Almaty"), almaty);
  EXPECT_EQ(data.version().name, "2024a");
  EXPECT_NE(data.find("Asia/New"), nullptr);
  EXPECT_THAT(data.reload().changed, IsEmpty());
}

TEST(FieldCases, D25_WhatCannotBeReadAgainStaysAsItWas) {
  const ZoneFiles files;
  ZoneData data(files.path());
  const auto* const almaty = data.find("Asia/Almaty");
  ASSERT_NE(almaty, nullptr);
  const Instant now = at("2024-06-01T00:00:00Z");

  files.put("Asia/Almaty", tzif(5 * 3600, {}, "<+05>-5").substr(0, 70));
  EXPECT_THAT(data.reload().trouble, ElementsAre(HasSubstr("Asia/Almaty: it ends in the middle")));
  EXPECT_EQ(data.find("Asia/Almaty"), almaty);
  EXPECT_EQ(data.offset(*almaty, now), hours(6));

  fs::remove_all(files.path());
  EXPECT_THAT(data.reload().trouble, ElementsAre(HasSubstr("Asia/Almaty: it cannot be read")));
  EXPECT_EQ(data.offset(*almaty, now), hours(6));
  EXPECT_EQ(data.find("Etc/UTC"), nullptr) << "nobody used it";

  files.put("Asia/Almaty", tzif(5 * 3600, {}, "<+05>-5"));
  EXPECT_THAT(data.reload().changed, ElementsAre("Asia/Almaty"));
  EXPECT_EQ(data.offset(*almaty, now), hours(5));
}

TEST(FieldCases, D25_AFileThatIsMendedIsAZoneAfterReload) {
  const ZoneFiles files;
  files.put("Asia/Broken", "TZif");
  ZoneData data(files.path());
  EXPECT_EQ(data.find("Asia/Broken"), nullptr);
  EXPECT_THAT(data.reload().trouble, ElementsAre(HasSubstr("Asia/Broken")));
  files.put("Asia/Broken", tzif(3600, {}, "CET-1"));
  EXPECT_THAT(data.reload().changed, ElementsAre("Asia/Broken"));
  EXPECT_NE(data.find("Asia/Broken"), nullptr);
}

TEST(FieldCases, D25_OthersMayAskWhileItIsReadAgain) {
  const ZoneFiles files;
  ZoneData data(files.path());
  ASSERT_NE(data.find("Asia/Almaty"), nullptr);
  std::atomic<bool> wrong = false;
  const auto ask = [&] {
    for (int round = 0; round < 2000; ++round) {
      const auto* const zone = data.find("Asia/Almaty");
      if (zone == nullptr) {
        wrong = true;
        return;
      }
      const Seconds offset = data.offset(*zone, at("2024-06-01T00:00:00Z"));
      if (offset != hours(5) && offset != hours(6)) wrong = true;
    }
  };
  std::jthread first(ask);
  std::jthread second(ask);
  for (int round = 0; round < 50; ++round) {
    files.put("Asia/Almaty", round % 2 == 0 ? tzif(5 * 3600, {}, "<+05>-5") : tzif(6 * 3600, {}, "<+06>-6"));
    (void)data.reload();
  }
  first.join();
  second.join();
  EXPECT_FALSE(wrong);
}

}  // namespace
}  // namespace dun::test
