package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

// RobustPCA splits data into a low-rank part and a sparse one that may be
// grossly wrong,
//
//	f(M) = min_{S ∈ S_γα} ½‖M + S − Data‖²,  M = UVᵀ or UUᵀ
//
// over the observed entries: [G](12), and (6) without its regulariser, which is
// [Balance] with μ = ½. S_γα has at most ⌊γα·n⌋ nonzeros in a row or column of
// which n entries are observed, none of them above Cap, see
// [lowrankgo.SparseSet]. Theorems 5 and 15 of [G] have γ above a constant.
//
// The data are a matrix whose entries are NaN where they are not observed, or
// a list of the observed entries: Mask with Values.
//
// A symmetric problem does not symmetrise S, which would lose ½‖skew S‖² and
// leave S_γα; its gradient does, as for all problems here.
type RobustPCA struct {
	Data mat.Matrix // d1×d2, NaN where not observed; not copied: it must not change

	Mask   *operator.Mask // which entries are observed, instead of Data
	Values []float64      // and their values, in its order; copied

	Rank      int     // columns of the factors
	Alpha     float64 // α: share of a row or column that may be grossly wrong, above 0
	Gamma     float64 // γ ≥ 1: slack; default 1
	Cap       float64 // largest |S_ij|, above 0; default none
	Symmetric bool    // M = UUᵀ; the data need not be symmetric

	// Projection chooses S. Only [sparse.Exact] gives f as it is written, at a
	// cost that is for small matrices; the default, [sparse.Threshold], gives a
	// near S of S_γα, with f the value there. Listed entries want the default.
	Projection sparse.Rule

	Truth       *lr.Factors // M* where it is known, of any rank; copied
	TruthSparse *lr.Sparse  // S* where it is known; not copied
}

// New checks the data, which costs a pass over them, and returns the problem.
//
// Data and Mask both or neither, Values that are not as many as the mask's
// entries, infinite entries, data without any observed entry, a rank outside
// 1 … min(d1, d2), and α, γ and Cap outside their ranges are errors; so is a γα
// that allows no nonzero in a row or column of the whole shape.
func (c RobustPCA) New() (*Split, error) {
	s := &Split{rule: c.Projection, parts: lr.Split{Set: lr.SparseSet{Alpha: c.Alpha, Gamma: c.Gamma, Cap: c.Cap}, Weight: 1, Truth: c.TruthSparse}}
	if err := s.take(c); err != nil {
		return nil, err
	}
	o, err := newObjective("RobustPCA", splitOf{s}, s.d1, s.d2, c.Rank, 1, c.Symmetric, c.Truth)
	if err != nil {
		return nil, err
	}
	s.Objective = *o
	if err := s.checkSet(); err != nil {
		return nil, err
	}
	s.limitLines()
	if t := c.TruthSparse; t != nil && (t.D1 != s.d1 || t.D2 != s.d2) {
		return nil, fmt.Errorf("problem: RobustPCA is %d×%d but its TruthSparse is %d×%d: %w", s.d1, s.d2, t.D1, t.D2, lr.ErrShape)
	}
	return s, nil
}

// take checks the data of the one kind or the other and takes them.
func (s *Split) take(c RobustPCA) error {
	switch {
	case c.Mask != nil && c.Data != nil:
		return fmt.Errorf("problem: RobustPCA has Data and also a Mask; one of the two is wanted: %w", lr.ErrValue)
	case c.Mask != nil:
		return s.takeListed(c.Mask, c.Values)
	case c.Values != nil:
		return fmt.Errorf("problem: RobustPCA has %d Values but no Mask, which says where they are: %w", len(c.Values), lr.ErrEmpty)
	case isNilMatrix(c.Data):
		return fmt.Errorf("problem: RobustPCA has no Data (it is nil) and no Mask with Values; a d1×d2 matrix is wanted: %w", lr.ErrEmpty)
	}
	return s.takeDense(c.Data)
}

func (s *Split) takeListed(mask *operator.Mask, values []float64) error {
	d1, d2, n := mask.Dims()
	if err := checkMeasurements("RobustPCA", values, n); err != nil {
		return err
	}
	s.d1, s.d2, s.mask = d1, d2, mask
	s.parts.Pattern, s.parts.Values = mask.Pattern(), append([]float64(nil), values...)
	s.rows, s.cols = lengths(s.parts.Pattern.RowFrom), lengths(s.parts.Pattern.ColFrom)
	s.observed = n
	return nil
}

// lengths are those of lines cut at from.
func lengths(from []int32) []int32 {
	n := make([]int32, len(from)-1)
	for i := range n {
		n[i] = from[i+1] - from[i]
	}
	return n
}

// takeDense counts what is observed of each line.
func (s *Split) takeDense(m mat.Matrix) error {
	s.d1, s.d2 = m.Dims()
	s.parts.Data = m
	if c, ok := m.(*corrupted); ok && c.observed == 1 { // known to be finite
		s.observed = s.d1 * s.d2
		return nil
	}
	s.rows, s.cols = make([]int32, s.d1), make([]int32, s.d2)
	buf := make([]float64, s.d2)
	for i := range s.d1 {
		for j, v := range tiles.Row(m, buf, i, 0, s.d2) {
			if math.IsNaN(v) {
				continue
			}
			if math.IsInf(v, 0) {
				return fmt.Errorf("problem: entry (%d, %d) of RobustPCA's Data is %v; entries must be finite, or NaN where they are not observed: %w", i, j, v, lr.ErrValue)
			}
			s.rows[i]++
			s.cols[j]++
		}
		s.observed += int(s.rows[i])
	}
	if s.observed == 0 {
		return fmt.Errorf("problem: all entries of RobustPCA's %d×%d Data are NaN, so that none is observed: %w", s.d1, s.d2, lr.ErrEmpty)
	}
	return nil
}

// checkSet returns an error unless the set and the rule fit.
func (s *Split) checkSet() error {
	if err := s.parts.Set.Check(s.d1, s.d2); err != nil {
		return fmt.Errorf("problem: RobustPCA: %w", err)
	}
	switch s.rule {
	case sparse.Threshold:
		return nil
	case sparse.Greedy, sparse.Exact:
		if s.mask == nil {
			return nil
		}
		return fmt.Errorf("problem: RobustPCA has a Mask and Projection %v; listed entries are projected by sparse.Threshold alone (give Data with NaN where nothing is observed): %w", s.rule, lr.ErrValue)
	}
	return fmt.Errorf("problem: RobustPCA has Projection %d; sparse.Threshold (0), Greedy (1) and Exact (2) are known: %w", int(s.rule), lr.ErrValue)
}

// limitLines makes of the numbers of observed entries how many of them S may
// have.
func (s *Split) limitLines() {
	if s.observed == s.d1*s.d2 {
		s.rows, s.cols = nil, nil
		return
	}
	for i, n := range s.rows {
		s.rows[i] = int32(s.parts.Set.Most(int(n)))
	}
	for j, n := range s.cols {
		s.cols[j] = int32(s.parts.Set.Most(int(n)))
	}
}

// splitOf prints what is split.
type splitOf struct{ s *Split }

func (o splitOf) String() string {
	shape := fmt.Sprintf("%d×%d", o.s.d1, o.s.d2)
	if o.s.observed < o.s.d1*o.s.d2 {
		shape = fmt.Sprintf("%d of %s entries", o.s.observed, shape)
	}
	if o.s.rule != sparse.Threshold {
		return fmt.Sprintf("%s, %v, %v", shape, o.s.parts.Set, o.s.rule)
	}
	return fmt.Sprintf("%s, %v", shape, o.s.parts.Set)
}
