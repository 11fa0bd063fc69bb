// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Codes of the diagnostics that model and data files can get. They are stable: tests, editors and people's notes rely on them.
/// docs/errors.md has an example of each, and its cure.
///
/// | code  | what is wrong                                                                                   |
/// |-------|-------------------------------------------------------------------------------------------------|
/// | E0100 | a file cannot be read: missing, a folder, larger than 16 MiB, not text                           |
/// | E0101 | the file is not valid TOML, or nests deeper than the reader allows                               |
/// | E0102 | `fcngraph = N` is missing or names a format version that this program does not read              |
/// | E0103 | files that `use` each other in a circle                                                          |
/// | E0105 | a key that is not known there, with the nearest known one                                        |
/// | E0106 | a value of the wrong type                                                                        |
/// | E0107 | a key, table or argument that is missing                                                         |
/// | E0108 | a number outside of its range, a list of the wrong length                                        |
/// | E0109 | a word that is not one of the choices                                                            |
/// | E0110 | a `--set` that cannot be applied: no '=', no such head, a path through something that is no table |
/// | E0111 | a graph as text beyond the limits of its reader: extents, lines, bodies in bodies, mistakes      |
/// | E0112 | a graph as text whose types or results are not those of its ops                                |
/// | E0201 | two things of the same name                                                                      |
/// | E0202 | an op that the op table does not have (found while the graph is built)                           |
/// | E0203 | a head, dense_conv or node reads something that does not exist                                    |
/// | E0204 | a reference to something declared below, or a loop, which is then named                          |
/// | E0205 | a tap that the backbone does not define                                                          |
/// | E0206 | a block that is used wrongly: unknown, no nodes, unknown parameter, names that repeat            |
/// | E0207 | sizes that do not meet (heads: the factors; everything else while the graph is built)            |
/// | E0208 | a name that is not made of letters, digits, '_' and '-'                                           |
/// | E0209 | a model that grows beyond the limits of the reader (100 000 nodes, blocks in blocks 16 deep)      |
/// | E0210 | classes in the model and in its data that disagree                                              |
/// | E0300 | a request that cannot be carried out, without a place in a file                                 |
/// | E0301 | operands or attributes of an op that do not fit each other                                      |
/// | E0302 | a loss that cannot be differentiated: nothing trainable reaches it, an op has no gradient       |
/// | E0303 | a step that the backend cannot run, with its reason                                             |
/// | E0304 | weights that do not fit their tensors, an optimiser that does not exist                         |
/// | E0305 | a crop to the size of another tensor that cannot be aligned with it                            |
/// | E0306 | a precision in which the backend cannot run a step                                             |
/// | E0307 | ranges of values that were not tracked for this model                                        |
/// | E0401 | `--data` that is neither a data file nor KIND:ROOT                                               |
/// | E0402 | a data description that contradicts itself: classes named twice, colours that are not one a class |
/// | E0404 | numbers of a data description that are out of range                                             |
namespace fcngraph::dsl {}
