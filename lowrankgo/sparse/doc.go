// Package sparse projects matrices onto the sparse parts of robust PCA.
//
// [G] is Ge, Jin, Zheng 2017, arXiv:1704.00708.
//
// # The set
//
// Robust PCA explains data as a low-rank matrix and a sparse one. What sparse
// means is a set ([G] §3.3), here a [lr.SparseSet]:
//
//	S_γα = { S : at most ⌊γα·d2⌋ nonzeros in each row and ⌊γα·d1⌋ in each
//	         column, |S_ij| ≤ Cap }
//
// It is not the number of nonzeros that is bounded but how many of them share a
// row or a column, since a column of nonzeros would be a matrix of rank one and
// could be explained either way. The set is not convex, but the nearest member
// to a matrix x can be found. An entry that is chosen becomes clip(x_ij, ±Cap)
// and brings S nearer by its gain
//
//	w_ij = x_ij² − (x_ij − clip(x_ij, ±Cap))²
//
// so that what is looked for is the choice with the largest sum of gains: rows
// and columns as the two sides of a graph, entries as its edges, gains as their
// weights, and at most so many edges at each node. That is a b-matching of
// maximum weight in a bipartite graph.
//
//	s, err := sparse.Project(ctx, x, lr.SparseSet{Alpha: 0.1}, sparse.Exact)
//
// # Three rules
//
//	rule       guarantees                            share of the best gain   cost
//	Threshold  membership, largest in both lines     0.94 (least 0.89)        two passes, selection
//	Greedy     half of the best gain, nothing fits   0.995 (least 0.988)      sorts the largest 2γα·d1·d2
//	Exact      the best gain                         1                        shortest paths
//
// The shares are those of 200 matrices of normal entries with sides of 60 to
// 100 and α of 0.1 to 0.3. For sides of 8 to 20 they are 0.92 (0.60) and 0.992
// (0.912), for large entries in noise a fifth as large 0.984 (0.956) and 0.999
// (0.997): go test -bench Quality measures them. Near the solution of robust
// PCA, where the large entries are those of S* and fit, all rules give the same.
// Threshold is the one for large data and for every step of a method; Exact is
// the definition, and the one that the theorems speak of.
//
// Threshold and Greedy break ties by the lower row, then the lower column. Where
// there are several optima, Exact gives one of them, always the same.
//
// Exact works on integers, so that it is exact: weights are rounded to 2⁻⁵⁸ of
// the largest, which also means that squares never overflow or vanish. Entries
// too small to weigh anything then compete for the room that is left, and so
// on, so that S is optimal among them too. Its result comes with dual numbers
// that prove it, which tests check; they also compare it with all choices on
// small matrices and with integer programming.
//
// # Symmetric matrices
//
// The optimum of a symmetric matrix need not be symmetric: of the 3×3 matrix
// with 5, 4, 4 above the diagonal and one nonzero in each line, the best choice
// goes once around the triangle. Its transpose is as good. S is not made
// symmetric afterwards: ½(S + Sᵀ) is not in the set, its lines being up to
// twice as full, and the value there would be too small by ½‖½(S − Sᵀ)‖². The
// objective with UUᵀ takes S as it is, and its gradient, (G + Gᵀ)U with
// G = UUᵀ + S − Mo, is the same for S and Sᵀ.
//
// # Missing entries
//
// A NaN in x is an entry that was not observed. It is never in S, it counts
// for no distance, and a line of which n entries are observed has room for
// ⌊γα·n⌋. An infinite entry is an error; [Truncate] makes it finite.
//
// # Gross outliers
//
// [CapOf] is the cap of [G], from the incoherence, the rank and the size of the
// low-rank part. Data beyond half of it are outliers for certain, and [Truncate]
// clips them there, so that the cap can take away the rest. For data of which
// none of this is known the cap is infinite, which is the default.
//
// # Columns of several owners
//
// A row's cap speaks of all columns, so that nobody who has some of them can
// keep to it alone. [ProjectBlocks] gives each block caps of its own: a smaller
// set, under a name of its own.
package sparse
