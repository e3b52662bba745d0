#include "plugins/compliance/pattern.hpp"

#include <re2/re2.h>

#include <stdexcept>

namespace stemma::compliance {
namespace {

RE2::Options options() {
    RE2::Options out;
    out.set_log_errors(false);
    out.set_max_mem(kPatternMemoryMax);
    return out;
}

re2::StringPiece piece(std::string_view text) noexcept { return {text.data(), text.size()}; }

}  // namespace

struct Pattern::Compiled {
    explicit Compiled(std::string_view pattern) : text{pattern}, expression{piece(pattern), options()} {}
    std::string text;
    RE2 expression;
};

Pattern::Pattern(std::string_view text) {
    if (text.size() > kPatternBytesMax)
        throw std::invalid_argument("the pattern is longer than " + std::to_string(kPatternBytesMax) + " bytes");
    compiled_ = std::make_unique<const Compiled>(text);
    if (!compiled_->expression.ok()) throw std::invalid_argument("it is no RE2 pattern: " + compiled_->expression.error());
    if (const int size = compiled_->expression.ProgramSize(); size > kPatternProgramMax)
        throw std::invalid_argument("the pattern compiles to " + std::to_string(size) + " instructions, more than " +
                                    std::to_string(kPatternProgramMax) + "; repeat less");
}

Pattern::~Pattern() = default;

bool Pattern::matches(std::string_view text) const { return RE2::FullMatch(piece(text), compiled_->expression); }

const std::string& Pattern::text() const noexcept { return compiled_->text; }

}  // namespace stemma::compliance
