// SPDX-License-Identifier: Apache-2.0
// The least that a consumer can do: include, link, throw and catch across the library's border.
#include <fcngraph/engine/diagnostics.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/types.h>

#include <iostream>

int main() {
  const fcngraph::Shape image{1, 3, 224, 224};
  if (image.elements() != 150'528 || fcngraph::to_string(image) != "[1, 3, 224, 224]") return 1;
  try {
    fcngraph::Diagnostics diagnostics;
    diagnostics.error("E0201", {}, "classes is 0");
    diagnostics.throw_if_errors();
  } catch (const fcngraph::GraphError& e) {
    std::cout << e.what() << '\n';
    return e.diagnostics().size() == 1 ? 0 : 1;
  }
  return 1;
}
