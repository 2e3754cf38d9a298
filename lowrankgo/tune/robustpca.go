package tune

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// RobustPCAOptions says how [RobustPCA] looks at the data. The zero value, and
// nil, mean the defaults.
type RobustPCAOptions struct {
	// MaxRank is the largest rank that is tried, 1 … min(d1, d2)−1; default
	// min(10, min(d1, d2)/4), at least 1.
	MaxRank int
	// Quantile is the share of rows, and of columns, whose outliers Alpha has
	// room for, above 0 and at most 1; default 0.99.
	Quantile float64
	// Deviations is how many standard deviations of the noise a residual must
	// exceed to count as an outlier, above 0; default 5.
	Deviations float64
	// Sample is how many rows and how many columns, chosen at random, the rank
	// is found from, at least 2; default 1000. Where the data have fewer, all
	// are taken.
	Sample int
	// Seed is that of the random choices.
	Seed uint64
}

// filled returns o with its defaults, or an error that names a field that is
// out of range.
func (o *RobustPCAOptions) filled(d1, d2 int) (RobustPCAOptions, error) {
	var f RobustPCAOptions
	if o != nil {
		f = *o
	}
	f.MaxRank = orElse(f.MaxRank, max(1, min(10, min(d1, d2)/4)))
	f.Quantile = orElse(f.Quantile, 0.99)
	f.Deviations = orElse(f.Deviations, 5)
	f.Sample = orElse(f.Sample, 1000)
	switch {
	case min(d1, d2) < 2:
		return f, fmt.Errorf("tune: the data are %d×%d: with one row or one column every matrix is of rank 1 and nothing tells an outlier; at least 2 of each are wanted: %w", d1, d2, lr.ErrShape)
	case f.MaxRank < 1 || f.MaxRank >= min(d1, d2):
		return f, fmt.Errorf("tune: RobustPCAOptions has MaxRank %d; for %d×%d data 1 ≤ MaxRank < min(%d, %d) = %d is wanted, or 0 for a quarter of it, at most 10: %w", f.MaxRank, d1, d2, d1, d2, min(d1, d2), lr.ErrRank)
	case !(f.Quantile > 0 && f.Quantile <= 1):
		return f, fmt.Errorf("tune: RobustPCAOptions has Quantile = %v; a share of the lines, above 0 and at most 1, is wanted, or 0 for 0.99: %w", f.Quantile, lr.ErrValue)
	case !(f.Deviations > 0) || math.IsInf(f.Deviations, 0):
		return f, fmt.Errorf("tune: RobustPCAOptions has Deviations = %v; a positive finite number of standard deviations is wanted, or 0 for 5: %w", f.Deviations, lr.ErrValue)
	case f.Sample < 2:
		return f, fmt.Errorf("tune: RobustPCAOptions has Sample %d; at least 2 rows and columns are wanted, or 0 for 1000: %w", f.Sample, lr.ErrValue)
	}
	return f, nil
}

func orElse[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// RobustPCA estimates what a robust PCA problem needs to know of the d1×d2 data
//
//	y = M + S + noise,  rank M = r,  at most α·d2 nonzeros in a row of S and α·d1 in a column
//
// by a stated rule, which [RobustPCAEstimate] documents field by field and its
// String prints. An entry that is not observed is NaN. o may be nil.
//
// The rank is that of the first fit whose residual is noise. Fits of rank 0, 1,
// 2, … follow most entries, not all: reweighted least squares, first by Huber's
// loss and then by the entries within 3 standard deviations alone, a standard
// deviation being 1.4826 times the median magnitude of the residual. Rows and
// columns whose own is more than 4 times that go by their own. What such a fit
// leaves, outliers taken out, is a matrix T. It is noise when its largest
// singular value is at most that of independent entries of the same size,
//
//	σ1(T) ≤ c·‖T‖F/√(d1·d2)·(√d1 + √d2),  c = 1.05 + 3·(d1^−½ + d2^−½)^⅓/(√d1 + √d2)
//
// where c leaves room for six widths of its distribution (Johnstone 2001, On
// the distribution of the largest eigenvalue in principal components analysis,
// Thm 1.1) and 5 % more; and nothing at all when the median residual is below
// 1e-7 of a typical entry. Where no rank up to MaxRank gets there, as with films
// and most data that are low rank only nearly, or where a fit leaves out more
// than 0.4 of the entries on the way, the rank is where the ratio of the fit's
// smallest singular value to σ1(T) is largest; Sure is then false.
//
// Of data with more than Sample rows or columns the rank is found from a random
// part: a random part of an incoherent matrix has its rank. A fit of that rank
// to all data gives the rest. A low-rank part that lives in a few rows or
// columns alone is taken for outliers, as it must be: [G] Def 4.
//
// It costs about 15 and at most 55 passes over the part for each rank up to the
// answer, of some 15k flops an entry at rank k and 3k² more for each outlier or
// missing entry, and, where there is more than the part, 10 to 50 passes at rank
// r over all data. Beside the part it keeps the factors, d2·r² numbers for each
// of at most 8 blocks of rows, so that tall data take less room than wide ones,
// and about 40 bytes for each of 64 or more entries of a row by which it measures
// residuals. The same seed gives the same bits for any GOMAXPROCS.
//
// Errors: ErrShape for fewer than 2 rows or columns, ErrEmpty where nothing is
// observed, ErrValue for infinite entries and options out of range, ErrRank for
// a MaxRank out of range, ErrCanceled when ctx ends.
//
// The fit is that of Huber 1964 (the loss) and De la Torre, Black 2003, A
// Framework for Robust Subspace Learning (reweighting entry by entry); growing
// the rank stage by stage, Netrapalli et al. 2014, arXiv:1410.7660.
func RobustPCA(ctx context.Context, y mat.Matrix, o *RobustPCAOptions) (*RobustPCAEstimate, error) {
	if y == nil {
		return nil, fmt.Errorf("tune: the data are nil; a matrix is wanted: %w", lr.ErrEmpty)
	}
	d1, d2 := y.Dims()
	if d1 == 0 || d2 == 0 {
		return nil, fmt.Errorf("tune: the data are %d×%d; a matrix with entries is wanted: %w", d1, d2, lr.ErrEmpty)
	}
	set, err := o.filled(d1, d2)
	if err != nil {
		return nil, err
	}
	v, err := newView(ctx, y, set.Seed)
	if err != nil {
		return nil, err
	}
	e := &RobustPCAEstimate{D1: d1, D2: d2, Observed: v.observed, Quantile: set.Quantile, Deviations: set.Deviations}
	f, err := e.findRank(ctx, v, set)
	if err != nil {
		return nil, err
	}
	if err := e.describe(f); err != nil {
		return nil, err
	}
	if err := e.findAlpha(ctx, f); err != nil {
		return nil, err
	}
	e.doubt(v)
	return e, nil
}

// findRank sets the fields that tell of the rank and returns the fit of that
// rank to all data.
func (e *RobustPCAEstimate) findRank(ctx context.Context, v *view, set RobustPCAOptions) (*fit, error) {
	sub, cols, err := v.part(ctx, set.Sample, set.Seed)
	if err != nil {
		return nil, err
	}
	most := min(set.MaxRank, min(sub.d1, sub.d2)-1)
	stages, found, err := grow(ctx, sub, most, set.Seed)
	if err != nil {
		return nil, err
	}
	e.choose(stages, found, sub)
	st := stages[e.Rank]
	f := newFit(v)
	switch {
	case e.Rank == 0:
	case sub == v:
		f.start(st.u, st.vt, e.Rank)
	default:
		err = f.widen(ctx, st, cols, v.unit/sub.unit)
	}
	return f, err
}

// choose takes the last stage where the data ended the growth, else the one
// with the largest gap.
func (e *RobustPCAEstimate) choose(stages []stage, found bool, v *view) {
	e.Rank = len(stages) - 1
	if !found && len(stages) > 1 {
		e.Rank = 1
		for k, st := range stages[1:] {
			if st.gap() > stages[e.Rank].gap() {
				e.Rank = k + 1
			}
		}
	}
	st := stages[e.Rank]
	e.Next, e.Gap, e.tried, e.found = st.rest.top/v.unit, st.gap(), len(stages)-1, found
	if st.rest.edge > 0 {
		e.Whiteness = st.rest.top / st.rest.edge
	}
	for _, st := range stages[1:] {
		e.Gaps = append(e.Gaps, st.gap())
	}
}

// widen fits all data by a fit to a part of them, whose columns are cols:
// rows are found from these columns first, and the other columns from the rows.
func (f *fit) widen(ctx context.Context, st stage, cols []int, unit float64) error {
	k, n := len(st.sigma), len(cols)
	vt := make([]float64, k*f.d2)
	for l := range k {
		for b, j := range cols {
			vt[l*f.d2+j] = st.vt[l*n+b]
		}
	}
	f.start(mat.NewDense(f.d1, k, nil), vt, k)
	f.s, f.rounds = st.s*unit, 5*rounds
	err := f.sweep(ctx, clip)
	if f.rounds = rounds; err != nil {
		return err
	}
	return f.settle(ctx, growth)
}
