#include "totem/srp/outbox.hpp"

namespace totem::srp {

template <typename Packet>
FrameRef Outbox::encode(const Packet& packet, std::size_t size) {
    FrameRef frame = pool_.allocate(size);
    frame.resize(codec_.encode(packet, frame.writable()));
    return frame;
}

FrameRef Outbox::encode(const wire::Token& token) {
    return encode(token, layout_.token + token.rtr_count * layout_.rtr_item);
}

FrameRef Outbox::encode(const wire::CommitToken& token) {
    return encode(token, layout_.commit_token + token.members.size() * (layout_.identity + layout_.commit_entry));
}

FrameRef Outbox::encode_join(const wire::Join& join) {
    return encode(join, layout_.join + (join.proc_list.size() + join.failed_list.size()) * layout_.identity);
}

void Outbox::unicast(const FrameRef& frame, const Identity& target) {
    effects_.unicast(frame, target);
    dirty_ = true;
}

void Outbox::multicast_message(const FrameRef& frame) {
    effects_.multicast(frame, Effects::Fanout::members);
    dirty_ = true;
}

void Outbox::multicast(const wire::Join& join) {
    multicast_and_keep(encode_join(join));
}

void Outbox::multicast(const wire::MergeDetect& merge) {
    multicast_and_keep(encode(merge, layout_.merge_detect));
}

void Outbox::multicast(const wire::HoldCancel& cancel) {
    multicast_and_keep(encode(cancel, layout_.hold_cancel));
}

void Outbox::multicast_leave(const wire::Join& leave) {
    effects_.multicast(encode_join(leave), Effects::Fanout::all);
    dirty_ = true;
}

void Outbox::multicast_and_keep(const FrameRef& frame) {
    effects_.multicast(frame, Effects::Fanout::all);
    dirty_ = true;
    if (inbox_size_ == inbox_.size()) take_own();
    inbox_[(inbox_first_ + inbox_size_) % inbox_.size()] = frame;
    ++inbox_size_;
}

void Outbox::multicast_behind_token(const FrameRef& frame) {
    behind_token_.push_back(frame);
    dirty_ = true;
}

void Outbox::flush() {
    if (!dirty_) return;
    dirty_ = false;
    for (const FrameRef& frame : behind_token_)
        effects_.multicast(frame, Effects::Fanout::members);
    behind_token_.clear();
    effects_.flush();
}

FrameRef Outbox::take_own() {
    FrameRef frame = std::move(inbox_[inbox_first_]);
    inbox_first_ = (inbox_first_ + 1) % inbox_.size();
    --inbox_size_;
    return frame;
}

bool Outbox::clear_inbox() {
    const bool any = !inbox_empty();
    while (!inbox_empty())
        take_own();
    return any;
}

}  // namespace totem::srp
