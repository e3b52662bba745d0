// The tree as JSON text: what plugins are handed and what the schema check reads.
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <utility>

#include "core/config/tree.hpp"

namespace stemma::config {
namespace {

void append_text(std::string& out, std::string_view text) { out += boost::json::serialize(boost::json::value(text)); }

void append(std::string& out, const Node& node) {
    switch (node.kind()) {
        case Node::Kind::null: out += "null"; return;
        case Node::Kind::scalar:
            if (node.scalar_type() == ScalarType::text)
                append_text(out, node.raw());
            else
                out += node.raw();  // the digits as they were written: they are JSON's own spelling
            return;
        case Node::Kind::sequence: {
            const char* before = "[";
            for (const Node& item : node.items()) {
                out += std::exchange(before, ",");
                append(out, item);
            }
            out += node.items().empty() ? "[]" : "]";
            return;
        }
        case Node::Kind::map: {
            const char* before = "{";
            for (const Node::Entry& entry : node.entries()) {
                out += std::exchange(before, ",");
                append_text(out, entry.key);
                out += ':';
                append(out, entry.value);
            }
            out += node.entries().empty() ? "{}" : "}";
            return;
        }
    }
}

}  // namespace

std::string to_json(const Node& node) {
    std::string out;
    append(out, node);
    return out;
}

}  // namespace stemma::config
