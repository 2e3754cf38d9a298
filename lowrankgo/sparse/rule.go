package sparse

import (
	"context"
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// Rule says how the entries of the sparse part are chosen. All rules give a
// member of the set; they differ in how near it is and in what they cost.
type Rule int

const (
	// Threshold keeps what is among the largest of its row and among the
	// largest of its column, as many of each as the set allows. Two passes over
	// the matrix, by selection, on all threads; 8 bytes a row and column beside
	// the result, and 0.5 MB or 8 columns for each of up to 8 blocks. It
	// guarantees membership and that each kept entry is one of the largest of
	// both its lines, and no share of the best gain: where large entries crowd
	// in a few lines, others are left with fewer than they could have. Yi et
	// al. 2016, arXiv:1605.07784, (6).
	Threshold Rule = iota

	// Greedy takes entries from the largest down, each that its row and its
	// column still have room for. It guarantees half of the best gain, as any
	// greedy b-matching does, and that nothing more can be added. It sorts
	// about twice as many entries as are kept, and takes 24 bytes for each
	// entry of the matrix.
	Greedy

	// Exact maximises the gain: a b-matching of maximum weight between rows and
	// columns. About 2 ms for 100×100 at α = 0.1 and 0.1 s for 500×500 where
	// large entries are anywhere, as noise and outliers are; a hundred times
	// that where rows and columns rank alike, as in a smooth matrix. It takes
	// 16 bytes for each entry of the matrix.
	Exact
)

var ruleNames = [...]string{"threshold", "greedy", "exact"}

// String returns "threshold", "greedy" or "exact".
func (r Rule) String() string {
	if r < 0 || int(r) >= len(ruleNames) {
		return fmt.Sprintf("rule %d", int(r))
	}
	return ruleNames[r]
}

// Project returns a nearest member of set to the d1×d2 matrix x, by the given
// rule:
//
//	S ≈ argmin over S in S_γα of ‖S − x‖F,  S_ij = clip(x_ij, ±Cap) where chosen
//
// over the entries of x that are not NaN. A NaN is a missing entry: S is 0
// there, and a line of n others has room for ⌊γα·n⌋. Entries that are 0 are
// never chosen. x is only read, in rows and blocks of columns, and not kept.
//
// Of entries of one size, Threshold and Greedy prefer the lower row, then the
// lower column; Exact returns one optimum of several, always the same. Results
// do not depend on the number of threads.
//
// Errors: a set or a rule that is none, an empty matrix, an infinite entry, and
// the context's, when it ends before the projection does.
func Project(ctx context.Context, x mat.Matrix, set lr.SparseSet, rule Rule) (*lr.Sparse, error) {
	if err := checkMatrix(x); err != nil {
		return nil, err
	}
	d1, d2 := x.Dims()
	p, err := NewProjector(d1, d2, set, rule)
	if err != nil {
		return nil, err
	}
	s := new(lr.Sparse)
	if err := p.Project(ctx, s, x); err != nil {
		return nil, err
	}
	return s, nil
}

// checkMatrix refuses what has no entries.
func checkMatrix(x mat.Matrix) error {
	if x == nil {
		return fmt.Errorf("sparse: a nil matrix was given; a matrix of at least 1×1 is wanted: %w", lr.ErrEmpty)
	}
	if d, ok := x.(*mat.Dense); ok && (d == nil || d.IsEmpty()) {
		return fmt.Errorf("sparse: an empty matrix was given; at least 1×1 is wanted: %w", lr.ErrEmpty)
	}
	return nil
}

// infinite is the error for an entry that is neither a number nor missing.
func infinite(i, j int, v float64) error {
	return fmt.Errorf("sparse: entry (%d, %d) is %v; finite numbers are wanted, or NaN for a missing entry: %w", i, j, v, lr.ErrValue)
}

// stopped is the error of a context that has ended, or nil.
func stopped(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("sparse: the projection was stopped before its end: %w", context.Cause(ctx))
}
