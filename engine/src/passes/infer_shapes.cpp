// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/engine/passes.h>

namespace fcngraph {

bool infer_shapes(Rewriter& rewriter, const PassContext&) {
  // A node that does not fit keeps the types that it had, so that those after it are checked as well.
  for (const NodeId id : rewriter.graph().order()) (void)rewriter.infer_again(id);
  return rewriter.changed();
}

}  // namespace fcngraph
