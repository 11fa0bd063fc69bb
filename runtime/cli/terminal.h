// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fcngraph::cli {

/// Writes to stdout, for results. Throws IoError when it cannot (a full disk, a closed pipe).
void print(std::string_view text);

/// Writes a line to stderr, for diagnostics and progress; one that starts with "warning:" or "error:" is coloured on a terminal,
/// unless NO_COLOR is set. Wipes the progress bar first.
void say(std::string_view line);

/// Whether stderr is a terminal.
bool on_terminal();

/// Draws over the line of the bar before; does nothing where stderr is no terminal.
void draw_bar(double share, std::string_view text);
void wipe_bar();

/// Columns aligned: so many to the left, the others to the right. The first row is the head.
std::string format_table(const std::vector<std::vector<std::string>>& rows, std::size_t left = 1);
/// All columns to the left.
std::string format_columns(const std::vector<std::vector<std::string>>& rows);

/// "3:07", "2:05:10"
std::string format_duration(double seconds);

}  // namespace fcngraph::cli
