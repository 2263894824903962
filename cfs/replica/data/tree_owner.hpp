#pragma once
// Where the replicated tree is. One thread changes it and may look without asking; others look while it is not changed.

#include <functional>
#include <utility>

#include "cfs/tree/tree.hpp"

namespace cfs::replica {

class TreeOwner {
public:
    virtual ~TreeOwner() = default;
    virtual const Tree& tree() const = 0;
    // Others are kept out meanwhile.
    virtual void change(const std::function<void(Tree&)>& change) = 0;
};

// Of a tree that nobody else looks at.
class OwnTree final : public TreeOwner {
public:
    explicit OwnTree(Tree tree) : tree_(std::move(tree)) {}
    const Tree& tree() const override { return tree_; }
    void change(const std::function<void(Tree&)>& change) override { change(tree_); }

private:
    Tree tree_;
};

}  // namespace cfs::replica
