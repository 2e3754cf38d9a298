package lowrankgo

import (
	"fmt"
	"math"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// SparseSet is the set of sparse matrices of robust PCA ([G] §3.3),
//
//	S_γα = { S : at most ⌊γα·d2⌋ nonzeros in each row and ⌊γα·d1⌋ in each
//	         column, |S_ij| ≤ Cap }
//
// Where entries are missing, a line (a row or a column) of which n are observed
// has at most ⌊γα·n⌋ nonzeros, all of them observed. Package sparse projects
// onto it.
type SparseSet struct {
	Alpha float64 // α: share of a line that may be grossly wrong, above 0
	Gamma float64 // γ ≥ 1: slack; default 1
	Cap   float64 // largest |S_ij|, above 0; default +Inf
}

// Filled returns the set with its defaults filled in.
func (s SparseSet) Filled() SparseSet {
	if s.Gamma == 0 {
		s.Gamma = 1
	}
	if s.Cap == 0 {
		s.Cap = math.Inf(1)
	}
	return s
}

// Most is ⌊γα·n⌋, the most nonzeros in a line of n entries. It is what the
// decimal numbers say: ⌊0.29·100⌋ is 29, though the product of the nearest
// float64 numbers is below.
func (s SparseSet) Most(n int) int {
	f := s.Filled()
	share := f.Gamma * f.Alpha * float64(n)
	return min(n, int(math.Floor(share+1e-9*math.Max(1, share))))
}

// Check returns an error unless the set of d1×d2 matrices is one: α, γ and Cap
// in their ranges, γα ≤ 1, and at least one nonzero allowed in a row and in a
// column; and, when there is no Cap, γα < 1, since every matrix is in the set
// otherwise.
func (s SparseSet) Check(d1, d2 int) error {
	f := s.Filled()
	share := f.Gamma * f.Alpha
	switch {
	case !(f.Alpha > 0 && f.Alpha <= 1):
		return fmt.Errorf("lowrankgo: the set of sparse parts has Alpha = %v; the share of a row or column that may be grossly wrong is wanted, above 0 and at most 1: %w", s.Alpha, ErrValue)
	case !(f.Gamma >= 1) || math.IsInf(f.Gamma, 0):
		return fmt.Errorf("lowrankgo: the set of sparse parts has Gamma = %v; a slack of at least 1 is wanted, or 0 for 1: %w", s.Gamma, ErrValue)
	case !(f.Cap > 0):
		return fmt.Errorf("lowrankgo: the set of sparse parts has Cap = %v; a positive magnitude is wanted, or 0 for none: %w", s.Cap, ErrValue)
	case share > 1+1e-9:
		return fmt.Errorf("lowrankgo: the set of sparse parts has Gamma·Alpha = %v; a share of at most 1 is wanted: %w", share, ErrValue)
	case share > 1-1e-9 && math.IsInf(f.Cap, 1):
		return fmt.Errorf("lowrankgo: the set of sparse parts has Gamma·Alpha = %v and no Cap: every matrix is in it, so that nothing can be recovered; a smaller Alpha is wanted: %w", share, ErrValue)
	case s.Most(d1) < 1 || s.Most(d2) < 1:
		return fmt.Errorf("lowrankgo: Gamma·Alpha = %.4g of a %d×%d matrix allows %d entries in a row and %d in a column, so that S = 0; at least one of each needs Gamma·Alpha ≥ %.4g (for data without gross errors, use problem.Factorisation or Completion): %w",
			share, d1, d2, s.Most(d2), s.Most(d1), 1/float64(min(d1, d2)), ErrValue)
	}
	return nil
}

func (s SparseSet) String() string {
	f := s.Filled()
	text := fmt.Sprintf("α %.4g", f.Alpha)
	if f.Gamma != 1 {
		text += fmt.Sprintf(", γ %.4g", f.Gamma)
	}
	if !math.IsInf(f.Cap, 1) {
		text += fmt.Sprintf(", cap %.4g", f.Cap)
	}
	return text
}

// Split is what a robust PCA problem
//
//	min over M of rank r and S ∈ Set of (Weight/2) ‖M + S − Data‖²
//
// is made of, for methods that split Data into its parts themselves. The norm
// is over the observed entries. Nothing in it may be changed.
type Split struct {
	// Data is d1×d2, NaN where it is not observed; methods read it row by row
	// and column by column. It is nil when the entries are listed.
	Data mat.Matrix
	// Pattern and Values list the observed entries when Data is nil.
	Pattern *Pattern
	Values  []float64

	Set    SparseSet
	Weight float64 // > 0
	Truth  *Sparse // S*, where it is known, else nil
}

// Observed returns the number of observed entries. Without a list it costs a
// pass over the data.
func (s *Split) Observed() int {
	if s.Data == nil {
		return len(s.Values)
	}
	d1, d2 := s.Data.Dims()
	buf, n := make([]float64, d2), 0
	for i := range d1 {
		for _, v := range tiles.Row(s.Data, buf, i, 0, d2) {
			if !math.IsNaN(v) {
				n++
			}
		}
	}
	return n
}

// SplitOf returns the parts of a robust PCA problem, or false. A problem
// offers them by a method Split() *Split.
func SplitOf(p Problem) (*Split, bool) {
	l, ok := p.(interface{ Split() *Split })
	if !ok || !Has(p, AbilitySplit) {
		return nil, false
	}
	s := l.Split()
	return s, s != nil
}

// checkSplit holds what a problem says of its parts against its shape.
func checkSplit(p Problem, s *Split) error {
	d1, d2, _ := p.Dims()
	if err := s.Set.Check(d1, d2); err != nil {
		return fmt.Errorf("the parts of %s: %w", describe(p), err)
	}
	switch {
	case s.Data != nil:
		if r, c := s.Data.Dims(); r != d1 || c != d2 {
			return fmt.Errorf("lowrankgo: %s is %d×%d but its data are %d×%d: %w", describe(p), d1, d2, r, c, ErrShape)
		}
	case s.Pattern == nil:
		return fmt.Errorf("lowrankgo: %s has neither data nor a list of observed entries: %w", describe(p), ErrEmpty)
	case len(s.Pattern.RowFrom) != d1+1 || len(s.Pattern.ColFrom) != d2+1 || len(s.Values) != len(s.Pattern.Col):
		return fmt.Errorf("lowrankgo: %s is %d×%d but lists %d entries in %d rows and %d columns, and %d values: %w", describe(p), d1, d2,
			len(s.Pattern.Col), len(s.Pattern.RowFrom)-1, len(s.Pattern.ColFrom)-1, len(s.Values), ErrShape)
	}
	if !(s.Weight > 0) || math.IsInf(s.Weight, 0) {
		return fmt.Errorf("lowrankgo: the parts of %s have Weight = %v; a positive finite number is wanted: %w", describe(p), s.Weight, ErrValue)
	}
	if s.Truth != nil && (s.Truth.D1 != d1 || s.Truth.D2 != d2) {
		return fmt.Errorf("lowrankgo: %s is %d×%d but its true sparse part is %d×%d: %w", describe(p), d1, d2, s.Truth.D1, s.Truth.D2, ErrShape)
	}
	return nil
}

// SparsePart is an Evaluator of an objective that minimises over a sparse part
// S beside the low-rank one, f(M) = min_{S∈Set} f(M, S).
type SparsePart interface {
	Evaluator
	// SparsePart returns the minimiser S at x, in memory of its own.
	SparsePart(x *Factors) *Sparse
	// Overfull returns the share of rows and columns whose S has all the
	// entries that it may have, while entries that stick out of the noise as
	// far are left outside: α is then too small there, or the data are not
	// low rank plus sparse.
	Overfull(x *Factors) float64
}

// SparsePartOf returns a new evaluator of p that knows the sparse part, or
// false.
func SparsePartOf(p Problem) (SparsePart, bool) {
	e := p.NewEval()
	s, ok := e.(SparsePart)
	return s, ok && Has(e, AbilitySparsePart)
}

// Splitter is a Stepper that finds the sparse part by a rule of its own, other
// than the problem's minimiser. It need not know the objective: the Loss and
// GradNorm of its Info may be NaN, and its runs then end by their residual.
type Splitter interface {
	Stepper
	// Residual is ‖M + S − Data‖F/‖Data‖F over the observed entries at Point,
	// or an estimate of it; 0 for data that are all 0.
	Residual() float64
	// SparsePart returns the S that belongs to Point, in memory of its own.
	SparsePart() *Sparse
}
