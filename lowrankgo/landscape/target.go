package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// target is M* as the lemmas of [G] see it from a point: its balanced factors
// of Def 7 with as many columns as the point, and its singular values.
type target struct {
	factors *lr.Factors // X√D and Y√D, or X√D alone when symmetric; zero columns where M* has lower rank
	x, y    *mat.Dense  // X, d1×r*, and Y, d2×r*; y is nil when symmetric
	sigma   []float64   // σ₁* ≥ … ≥ σᵣ* > 0; empty when M* = 0
}

// newTarget checks that x and the truth fit and decomposes the truth. Cost
// (d1+d2)·r*² flops.
func newTarget(x, truth *lr.Factors) (*target, error) {
	if err := x.Check(); err != nil {
		return nil, fmt.Errorf("landscape: the point: %w", err)
	}
	if truth == nil {
		return nil, fmt.Errorf("landscape: the true matrix is not given (it is nil): %w", lr.ErrAbility)
	}
	if err := truth.Check(); err != nil {
		return nil, fmt.Errorf("landscape: the true matrix: %w", err)
	}
	d1, d2 := x.Dims()
	if t1, t2 := truth.Dims(); t1 != d1 || t2 != d2 || x.Symmetric() != truth.Symmetric() {
		return nil, fmt.Errorf("landscape: the point is %d×%d, symmetric %t, and the true matrix %d×%d, symmetric %t; they must be alike: %w",
			d1, d2, x.Symmetric(), t1, t2, truth.Symmetric(), lr.ErrShape)
	}
	t, err := decompose(truth)
	if err != nil {
		return nil, err
	}
	if len(t.sigma) > x.Rank() {
		return nil, fmt.Errorf("landscape: the true matrix has rank %d and the point %d columns; Def 6 wants at least as many columns: %w", len(t.sigma), x.Rank(), lr.ErrRank)
	}
	t.balance(x)
	return t, nil
}

// targetOf is newTarget for the truth of a problem.
func targetOf(p lr.Problem, x *lr.Factors) (*target, error) {
	if err := lr.CheckProblem(p); err != nil {
		return nil, fmt.Errorf("landscape: %w", err)
	}
	if err := lr.CheckPoint(p, x); err != nil {
		return nil, fmt.Errorf("landscape: %w", err)
	}
	truth, ok := lr.TruthOf(p)
	if !ok {
		return nil, fmt.Errorf("landscape: this item needs %v, which the problem lacks: %w", lr.AbilityTruth, lr.ErrAbility)
	}
	if lr.SymmetricOf(p) && !truth.Symmetric() {
		return nil, fmt.Errorf("landscape: the problem is symmetric and its truth has a V; symmetric factors are wanted: %w", lr.ErrShape)
	}
	return newTarget(x, truth)
}

// decompose finds the singular pairs of the truth that are not rounding: from
// U = X₁S₁Y₁ᵀ and V = X₂S₂Y₂ᵀ by the SVD of the small S₁Y₁ᵀY₂S₂.
func decompose(truth *lr.Factors) (*target, error) {
	left, err := thinSVD(truth.U)
	if err != nil {
		return nil, err
	}
	t := new(target)
	if truth.Symmetric() {
		t.x = left.u
		for _, s := range left.s {
			t.sigma = append(t.sigma, s*s)
		}
		t.cut()
		return t, nil
	}
	right, err := thinSVD(truth.V)
	if err != nil {
		return nil, err
	}
	var core mat.Dense
	core.Mul(left.v.T(), right.v)
	core.Apply(func(i, j int, v float64) float64 { return left.s[i] * v * right.s[j] }, &core)
	mid, err := thinSVD(&core)
	if err != nil {
		return nil, err
	}
	t.x, t.y, t.sigma = new(mat.Dense), new(mat.Dense), mid.s
	t.x.Mul(left.u, mid.u)
	t.y.Mul(right.u, mid.v)
	t.cut()
	return t, nil
}

// cut drops the singular values that are rounding.
func (t *target) cut() {
	n := 0
	for n < len(t.sigma) && t.sigma[n] > 1e-12*t.sigma[0] {
		n++
	}
	t.sigma = t.sigma[:n]
}

// balance makes the factors, of x's shape.
func (t *target) balance(x *lr.Factors) {
	t.factors = x.Clone()
	t.factors.Scale(0)
	for k, s := range t.sigma {
		root := math.Sqrt(s)
		for i := range t.x.RawMatrix().Rows {
			t.factors.U.Set(i, k, root*t.x.At(i, k))
		}
		if t.y == nil {
			continue
		}
		for j := range t.y.RawMatrix().Rows {
			t.factors.V.Set(j, k, root*t.y.At(j, k))
		}
	}
}

// least is σᵣ*, 0 when M* = 0.
func (t *target) least() float64 {
	if len(t.sigma) == 0 {
		return 0
	}
	return t.sigma[len(t.sigma)-1]
}

// most is σ₁*, 0 when M* = 0.
func (t *target) most() float64 {
	if len(t.sigma) == 0 {
		return 0
	}
	return t.sigma[0]
}

// incoherence is the μ of Def 4; NaN when M* = 0.
func (t *target) incoherence() float64 {
	r := len(t.sigma)
	if r == 0 {
		return math.NaN()
	}
	mu := lineWeight(t.x, r)
	if t.y != nil {
		mu = math.Max(mu, lineWeight(t.y, r))
	}
	return mu
}

// lineWeight is max ‖eᵢᵀX‖²·d/r over the rows of the first r columns.
func lineWeight(x *mat.Dense, r int) float64 {
	d, most := x.RawMatrix().Rows, 0.0
	for i := range d {
		n := rowNorm(x.RawRowView(i)[:r])
		most = math.Max(most, n*n)
	}
	return most * float64(d) / float64(r)
}

// difference is Δ = W − W*R of Defs 6 and 7, V below U.
func (t *target) difference(x *lr.Factors) *mat.Dense {
	return alignedDifference(stacked(x), stacked(t.factors))
}

// alignedDifference is U − U*R with the orthogonal R that makes it smallest: PQᵀ
// of U*ᵀU = PΣQᵀ.
func alignedDifference(u, target *mat.Dense) *mat.Dense {
	var cross, r mat.Dense
	cross.Mul(target.T(), u)
	f, err := thinSVD(&cross)
	if err != nil { // of a small finite matrix: never seen
		panic(err)
	}
	r.Mul(f.u, f.v.T())
	delta := mat.DenseCopyOf(u)
	var turned mat.Dense
	turned.Mul(target, &r)
	delta.Sub(delta, &turned)
	return delta
}

// stacked is W = [U; V], or U when x is symmetric, sharing no memory with x.
func stacked(x *lr.Factors) *mat.Dense {
	if x.Symmetric() {
		return mat.DenseCopyOf(x.U)
	}
	var w mat.Dense
	w.Stack(x.U, x.V)
	return &w
}

// split views W as factors of like's shape.
func split(w *mat.Dense, like *lr.Factors) *lr.Factors {
	if like.Symmetric() {
		return &lr.Factors{U: w}
	}
	d1, d2 := like.Dims()
	r := like.Rank()
	return &lr.Factors{U: w.Slice(0, d1, 0, r).(*mat.Dense), V: w.Slice(d1, d1+d2, 0, r).(*mat.Dense)}
}

// svd is a thin singular value decomposition.
type svd struct {
	u, v *mat.Dense
	s    []float64
}

func thinSVD(a *mat.Dense) (*svd, error) {
	var f mat.SVD
	if !f.Factorize(a, mat.SVDThin) {
		r, c := a.Dims()
		return nil, fmt.Errorf("landscape: the singular value decomposition of a %d×%d matrix did not converge: %w", r, c, lr.ErrFailed)
	}
	out := &svd{u: new(mat.Dense), v: new(mat.Dense), s: f.Values(nil)}
	f.UTo(out.u)
	f.VTo(out.v)
	return out, nil
}

func sqNorm(a *mat.Dense) float64 { return dotDense(a, a) }

// dotDense is ⟨A, B⟩.
func dotDense(a, b *mat.Dense) float64 {
	var s float64
	for i := range a.RawMatrix().Rows {
		br := b.RawRowView(i)
		for k, v := range a.RawRowView(i) {
			s += float64(v * br[k])
		}
	}
	return s
}

func rowNorm(row []float64) float64 {
	var s float64
	for _, v := range row {
		s += float64(v * v)
	}
	return math.Sqrt(s)
}

func longestRow(a *mat.Dense) float64 {
	var n float64
	for i := range a.RawMatrix().Rows {
		n = math.Max(n, rowNorm(a.RawRowView(i)))
	}
	return n
}
