// The check finds what is missing, different or too much. Ordinary folders stand for mounted stores.
#include <gmock/gmock.h>

#include <fstream>

#include "conformance/store_client/journal.hpp"
#include "conformance/store_client/places.hpp"
#include "conformance/store_client/verify.hpp"
#include "tests/support/temporary_directory.hpp"

namespace store_client {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class VerifyTest : public testing::Test {
protected:
    VerifyTest() {
        fs::create_directories(folder);
        for (const auto& mount : mounts) {
            fs::create_directories(mount / "priv/lock");
            fs::create_directories(mount / directory_of(writer));
        }
        journal.emplace(folder, writer.node);
        did("f0", Action::empty, Outcome::acknowledged);
        did("f0", Action::write, Outcome::acknowledged);
        for (const auto& mount : mounts)
            put(mount, "f0", make_content(writer, 2, 100));
    }
    void did(const std::string& slot, Action action, std::optional<Outcome> outcome) {
        journal->begin(writer.thread, {++number, slot, action, 0, 0, 0, 100});
        if (outcome) journal->end(writer.thread, *outcome);
    }
    void put(const fs::path& mount, const std::string& slot, const std::string& content) const {
        const fs::path path = mount / path_of(writer, slot, 0);
        std::ofstream(path) << content;
    }
    std::vector<std::string> faults() const {
        for (const auto& mount : mounts)
            for (const auto& entry : fs::recursive_directory_iterator(mount))
                fs::last_write_time(entry, fs::file_time_type{});
        return verify(folder, mounts).faults;
    }

    const WriterId writer{1, 3};
    const totem::test::TemporaryDirectory directory;
    const fs::path folder = fs::path(directory.path()) / "journals";
    const std::vector<fs::path> mounts = {fs::path(directory.path()) / "a", fs::path(directory.path()) / "b"};
    std::optional<Journal> journal;
    std::uint64_t number = 0;
};

TEST_F(VerifyTest, FindsNothingWhereAllIsWell) {
    EXPECT_THAT(faults(), IsEmpty());
    const Verdict verdict = verify(folder, mounts);
    EXPECT_EQ(verdict.writers, 1u);
    EXPECT_EQ(verdict.acknowledged, 2u);
}

TEST_F(VerifyTest, FindsALostWrite) {
    did("f0", Action::write, Outcome::acknowledged);
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("f0 of writer 1.3 has at place 0 100 bytes of writer 1.3, operation 2; "
                                                "it has to have at place 0 100 bytes of writer 1.3, operation 3"),
                                      HasSubstr("/b: f0")));
}

TEST_F(VerifyTest, TakesEitherOutcomeOfWhatWasUnderWay) {
    did("f0", Action::write, std::nullopt);
    EXPECT_THAT(faults(), IsEmpty());
    for (const auto& mount : mounts)
        put(mount, "f0", make_content(writer, 3, 100));
    EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(VerifyTest, FindsTreesThatDiffer) {
    did("f0", Action::write, Outcome::unknown);
    put(mounts[1], "f0", make_content(writer, 3, 100));
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("/b: 1 entries differ")));
}

TEST_F(VerifyTest, FindsStrangers) {
    for (const auto& mount : mounts)
        put(mount, "f9", "");
    EXPECT_THAT(faults(), ElementsAre(HasSubstr("nobody made storm/1.3/f9"), HasSubstr("/b: nobody made")));
}

TEST_F(VerifyTest, FindsALockThatIsGoneAndOneThatNobodyHas) {
    fs::create_directory(mounts[0] / path_of(writer, "l1-1", 0));
    fs::create_directory(mounts[1] / path_of(writer, "l1-1", 0));
    did("l1-0", Action::make_directory, Outcome::acknowledged);
    EXPECT_THAT(faults(), testing::Contains(HasSubstr("l1-0 was not left and is gone")));
    EXPECT_THAT(faults(), testing::Contains(HasSubstr("nobody has priv/lock/l1-1")));
    did("l1-0", Action::remove_directory, Outcome::acknowledged);
    did("l1-1", Action::make_directory, Outcome::unknown);
    EXPECT_THAT(faults(), IsEmpty());
}

TEST_F(VerifyTest, FindsWhatTheWritersFound) {
    journal->violation(writer.thread, "has l1-0 together with another one");
    EXPECT_THAT(faults(), ElementsAre("writer 1.3: has l1-0 together with another one"));
}

}  // namespace
}  // namespace store_client
