package tune

import (
	"context"
	"math"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

const (
	scale  = 1.4826  // standard deviation of a normal number over its median magnitude
	wide   = 3       // standard deviations of the residual that a fit goes along with
	rounds = 2       // reweightings of a row in a sweep
	room   = 1 << 24 // numbers that all blocks may keep for the columns
)

// loss says what a residual d weighs in a fit once |d| > ζ: the ψ of an
// M-estimate is w·d.
type loss int

const (
	clip loss = iota // w = ζ/|d|: Huber's loss, whose fits start from anywhere
	trim             // w = 0: what is far off has no say
)

// fit is a rank-k matrix UVᵀ that follows most entries of the data,
//
//	min over U, V of Σ ρ(y_ij − ⟨u_i, v_j⟩) over the observed entries
//
// found by reweighted least squares, rows and columns in turn (Huber 1964;
// De la Torre, Black 2003, for matrices). A missing entry has weight 0.
type fit struct {
	*view
	blocks int // of rows
	k      int
	u      *mat.Dense // d1×k
	vt     []float64  // k×d2, row by row
	v      []float64  // the same as d2×k, during a pass
	// s is 1.4826 times the median of |y − uv| over the probes, the standard
	// deviation of normal residuals.
	s float64
	// A row or column whose own is more than 4 times that, since the fit has
	// not found it yet, goes by Huber's loss at its own median, which is here;
	// the others have 0. apart is their sum.
	ofRow, ofCol []float64
	apart        float64

	ctx    context.Context
	rule   loss
	rounds int
	gram   []float64 // VᵀV during a pass
	work   []*bench
	near   []float64 // residuals of the probes
	some   []float64 // and a copy, in disorder
}

// bench is the workspace of a block of rows.
type bench struct {
	e, psi []float64 // residuals of a row, and weighted
	odd    []int     // columns whose weight is not 1
	lost   []float64 // and 1 − weight
	a, b   []float64 // k×k and k
	g      []float64 // k×d2: Σ_i ψ_ij u_i
	c      []float64 // d2×k×k, lower halves: Σ_i (1−w_ij) u_i u_iᵀ
}

// newFit returns the fit of rank 0.
func newFit(v *view) *fit {
	f := &fit{view: v, rounds: rounds}
	f.near, f.some = make([]float64, len(v.probes)), make([]float64, len(v.probes))
	f.ofRow, f.ofCol = make([]float64, v.d1), make([]float64, v.d2)
	f.blocks = par.Blocks(v.d1, max(4, 1<<15/v.d2), 8)
	f.work = make([]*bench, f.blocks)
	for b := range f.work {
		f.work[b] = &bench{e: make([]float64, v.d2), psi: make([]float64, v.d2), odd: make([]int, 0, v.d2), lost: make([]float64, v.d2)}
	}
	f.measure()
	return f
}

// start sets the factors; the fit takes them over. vt is k×d2.
func (f *fit) start(u *mat.Dense, vt []float64, k int) {
	f.u, f.vt, f.k = u, vt, k
	f.blocks = min(f.blocks, max(1, room/(k*k*f.d2)))
	f.work = f.work[:f.blocks]
	f.gram, f.v = make([]float64, k*k), make([]float64, f.d2*k)
	for _, w := range f.work {
		w.a, w.b = make([]float64, k*k), make([]float64, k)
		w.g, w.c = make([]float64, k*f.d2), make([]float64, k*k*f.d2)
	}
	f.measure()
}

// residual sets w.e to row i of y − UVᵀ.
func (f *fit) residual(w *bench, i int) {
	f.read(w.e, i)
	if f.k > 0 {
		tiles.Subtract(w.e, f.u.RawRowView(i), f.vt, f.d2)
	}
}

// weigh sets w.psi to the weighted residuals and lists the entries whose weight
// is not 1. In columns where apart is not nil and not 0, it is the threshold,
// of Huber's loss.
func (w *bench) weigh(zeta float64, rule loss, apart []float64) {
	w.odd = w.odd[:0]
	for j, d := range w.e {
		z, r := zeta, rule
		if apart != nil && apart[j] > 0 {
			z, r = apart[j], clip
		}
		if math.Abs(d) <= z {
			w.psi[j] = d
			continue
		}
		w.psi[j], w.lost[j] = 0, 1
		if r == clip && !math.IsNaN(d) {
			w.psi[j], w.lost[j] = math.Copysign(z, d), 1-z/math.Abs(d)
		}
		w.odd = append(w.odd, j)
	}
}

// sweep improves the rows of U, then those of V, with ζ = 3s or that of the row
// or column where it goes by its own. It is one pass over the data of about 8k flops an entry, and k² more for each
// entry beyond ζ.
func (f *fit) sweep(ctx context.Context, rule loss) error {
	f.ctx, f.rule = ctx, rule
	f.outer(f.gram, f.k, func(a, b int) float64 { return loops.Dot(f.vt[a*f.d2:(a+1)*f.d2], f.vt[b*f.d2:(b+1)*f.d2]) })
	for l := range f.k {
		for j, x := range f.vt[l*f.d2 : (l+1)*f.d2] {
			f.v[j*f.k+l] = x
		}
	}
	par.New(f.rows).Run(f.blocks)
	if ctx.Err() != nil {
		return canceled(ctx)
	}
	f.columns()
	f.measure()
	return nil
}

// outer sets the lower half of the k×k matrix a.
func (f *fit) outer(a []float64, k int, entry func(a, b int) float64) {
	for i := range k {
		for j := range i + 1 {
			a[i*k+j] = entry(i, j)
		}
	}
}

// rows solves for the rows of U in a block and adds up what the columns need.
func (f *fit) rows(block int) {
	w := f.work[block]
	clear(w.g)
	clear(w.c)
	lo, hi := par.Bounds(f.d1, f.blocks, block)
	for i := lo; i < hi && f.ctx.Err() == nil; i++ {
		f.residual(w, i)
		u := f.u.RawRowView(i)
		for range f.rounds {
			if own := f.ofRow[i]; own > 0 {
				w.weigh(own, clip, nil)
			} else {
				w.weigh(wide*f.s, f.rule, nil)
			}
			f.improve(w, u)
		}
		w.weigh(wide*f.s, f.rule, f.ofCol)
		for l, x := range u {
			loops.AddScaled(w.g[l*f.d2:(l+1)*f.d2], x, w.psi)
		}
		for _, j := range w.odd {
			addOuter(w.c[j*f.k*f.k:], u, w.lost[j])
		}
	}
}

// addOuter adds c·uuᵀ to the lower half of the k×k matrix a.
func addOuter(a, u []float64, c float64) {
	k := len(u)
	for p, x := range u {
		x *= c
		row := a[p*k : p*k+p+1]
		for q := range row {
			row[q] += float64(x * u[q])
		}
	}
}

// improve takes a step of reweighted least squares for the row u, whose
// residuals are w.e:
//
//	u ← u + (VᵀWV)⁻¹Vᵀψ,  VᵀWV = VᵀV − Σ (1−w_j) v_j v_jᵀ
func (f *fit) improve(w *bench, u []float64) {
	copy(w.a, f.gram)
	for l := range u {
		w.b[l] = loops.Dot(f.vt[l*f.d2:(l+1)*f.d2], w.psi)
	}
	for _, j := range w.odd {
		addOuter(w.a, f.v[j*f.k:(j+1)*f.k], -w.lost[j])
	}
	solve(w.a, f.gram, w.b)
	for l, d := range w.b {
		u[l] += d
	}
	tiles.Subtract(w.e, w.b, f.vt, f.d2)
}

// solve replaces b by a⁻¹b. Where too few entries have a say for that, it takes
// the shorter step whole⁻¹b, which never makes Huber's loss larger.
func solve(a, whole, b []float64) {
	k := len(b)
	if !worthSolving(a, whole, k) {
		copy(a, whole)
		if linalg.Cholesky(a, k) == 0 {
			clear(b)
			return
		}
	}
	linalg.SolveLower(a, k, b)
	linalg.SolveUpper(a, k, b)
}

// worthSolving factors a and says whether every direction kept at least a
// thousandth of its weight.
func worthSolving(a, whole []float64, k int) bool {
	for l := range k {
		if !(a[l*k+l] > 1e-3*whole[l*k+l]) {
			return false
		}
	}
	if linalg.Cholesky(a, k) == 0 {
		return false
	}
	for l := range k {
		if !(a[l*k+l]*a[l*k+l] > 1e-4*whole[l*k+l]) {
			return false
		}
	}
	return true
}

// columns adds the blocks up in their order and solves for the rows of V.
func (f *fit) columns() {
	sum := f.work[0]
	for _, w := range f.work[1:] {
		loops.AddScaled(sum.g, 1, w.g)
		loops.AddScaled(sum.c, 1, w.c)
	}
	k := f.k
	whole := make([]float64, k*k)
	for i := range f.d1 {
		addOuter(whole, f.u.RawRowView(i), 1)
	}
	step := make([]float64, k)
	for j := range f.d2 {
		a := sum.c[j*k*k : (j+1)*k*k]
		for l := range a {
			a[l] = whole[l] - a[l]
		}
		for l := range step {
			step[l] = sum.g[l*f.d2+j]
		}
		solve(a, whole, step)
		for l, d := range step {
			f.vt[l*f.d2+j] += d
		}
	}
}

// settle sweeps until neither s nor what lines have of their own falls: first by
// Huber's loss, then by what is near alone. most bounds the sweeps of each kind.
// Where half of the data fit exactly, s falls until it is rounding error, and
// the other lines follow.
func (f *fit) settle(ctx context.Context, most int) error {
	for _, rule := range []loss{clip, trim} {
		past := [3][2]float64{{math.Inf(1), math.Inf(1)}, {math.Inf(1), math.Inf(1)}, {f.s, f.apart}}
		for range most {
			if err := f.sweep(ctx, rule); err != nil {
				return err
			}
			if !(f.s < 0.9*past[0][0]) && !(f.apart < 0.9*past[0][1]) {
				break
			}
			past = [3][2]float64{past[1], past[2], {f.s, f.apart}}
		}
	}
	return nil
}

// balance brings UVᵀ to the form of its SVD, U = XΣ and V = Y, and returns the
// singular values, or nil where they are not finite.
func (f *fit) balance() []float64 {
	if f.k == 0 {
		return []float64{}
	}
	v := mat.DenseCopyOf(mat.NewDense(f.k, f.d2, f.vt).T())
	if !(linalg.ProductNorm(f.u, v) < math.Inf(1)) {
		return nil
	}
	x, y := mat.DenseCopyOf(f.u), mat.DenseCopyOf(v)
	linalg.Orthonormalise(x)
	linalg.Orthonormalise(y)
	var ru, rv, core, p, q mat.Dense
	ru.Mul(x.T(), f.u)
	rv.Mul(y.T(), v)
	core.Mul(&ru, rv.T())
	var svd mat.SVD
	if !svd.Factorize(&core, mat.SVDFull) {
		return nil
	}
	svd.UTo(&p)
	svd.VTo(&q)
	sigma := svd.Values(nil)
	f.u.Mul(x, &p)
	for l, s := range sigma {
		linalg.ScaleColumn(f.u, l, s)
	}
	v.Mul(y, &q)
	tiles.Transposed(f.vt, v)
	return sigma
}
