// Where text goes and how it may look there. Colours and cut cells are for a terminal alone: a pipe gets every character of every cell.
// What comes from a database may hold anything, so all of it passes printable() on its way to a terminal.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace stemma::cli {

/// How text may look on one stream.
struct Look {
    bool colour{false};
    std::size_t width{0};  ///< columns of the terminal; 0 = no terminal, nothing is ever cut
};

enum class Tone : unsigned char { plain, strong, faint, good, warn, bad };

/// The text in a tone where colours are on, else as it is.
[[nodiscard]] std::string paint(const Look& look, Tone tone, std::string_view text);

/// Line ends and tabs become blanks. Other control characters (C0, DEL, C1: they drive terminals) become '?', and so do those that have a
/// text shown in another order than it has (Unicode's Bidi_Control) and the line and paragraph separators.
[[nodiscard]] std::string printable(std::string_view text);

/// Columns a text takes: its UTF-8 code points.
[[nodiscard]] std::size_t width_of(std::string_view text) noexcept;
/// At most `columns` code points, the last one an ellipsis where something was cut.
[[nodiscard]] std::string cut_to(std::string_view text, std::size_t columns);

/// The streams of one run. Answers go to `out`, all else to `err`.
struct Screen {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    Look look;  ///< of `out`
    bool err_colour{false};
    bool live{false};  ///< `err` is a terminal: progress may be shown
};

/// One line on `err` that is written over while work goes on, and gone afterwards. Shows nothing where there is no terminal.
class ProgressLine {
public:
    explicit ProgressLine(Screen& screen) : screen_{screen} {}
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    void show(std::string_view text);
    void clear();

private:
    Screen& screen_;
    bool shown_{false};
};

}  // namespace stemma::cli
