#include "tests/cfs/store/rows.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

#include "cfs/store/sqlite.hpp"

namespace cfs::store::test {

std::vector<std::string> rows(const std::string& file) {
    Connection connection(file, Connection::Mode::existing);
    Statement select(connection,
                     "SELECT quote(inode)||' '||quote(parent)||' '||quote(version)||' '||quote(writer)||' '||"
                     "quote(mtime)||' '||quote(type)||' '||quote(name)||' '||quote(data) FROM tree ORDER BY inode");
    std::vector<std::string> out;
    while (select.step())
        out.push_back(select.text(0));
    return out;
}

void execute(const std::string& file, const std::string& sql) {
    Connection connection(file, Connection::Mode::create);
    connection.execute(sql.c_str(), sql);
}

Opened open(const std::string& file, std::uint64_t local_time) {
    Events events;
    auto opened = Store::open({file, Settings{}, local_time}, events);
    std::string all;
    for (const Event& event : events)
        all += event.text + '\n';
    if (!opened) throw std::runtime_error(opened.text() + '\n' + all);
    EXPECT_EQ(all, "");
    return std::move(*opened);
}

std::string refusal(const std::string& file) {
    Events events;
    const auto opened = Store::open({file, Settings{}, 1000}, events);
    if (opened) return "";
    std::string all = opened.text() + '\n';
    for (const Event& event : events)
        all += event.text + '\n';
    return all;
}

void commit(Store& store, Change change) {
    std::string why;
    store.submit(std::move(change), [&](const Failure* failure) {
        if (failure) why = failure->text;
    });
    store.drain();
    EXPECT_EQ(why, "");
}

std::string contents_of(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace cfs::store::test
