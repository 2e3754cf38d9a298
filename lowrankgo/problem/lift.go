package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// Lift turns an asymmetric problem into its symmetric form, [G] Def 7, (15)
// and (16): with W = [U; V], (d1+d2)×r, and N = WWᵀ, whose block N₁₂ is UVᵀ,
//
//	G(W) = 4·g(U, V)
//
// The factor 4 is that of (14). When g is ½(M−M*):H₀:(M−M*) + ⅛‖UᵀU − VᵀV‖²,
// which is [Balance] with μ = ½, then
//
//	G(W) = ½[(N−N*):4H₁:(N−N*) + N:𝒢:N],  N:H₁:N = M:H₀:M,  N:𝒢:N = ‖UᵀU − VᵀV‖²
//
// is (8) with H = 4H₁ + 𝒢, so that what [G] proves of symmetric problems holds.
// Value, gradient and Hessian products are 4 times those of the problem
// inside, and cost the same.
type Lift struct {
	Of lr.Problem // an asymmetric problem
}

// New returns the lifted problem. A symmetric problem is an error.
func (l Lift) New() (*Lifted, error) {
	if err := checkOf("Lift", l.Of); err != nil {
		return nil, err
	}
	if lr.SymmetricOf(l.Of) {
		return nil, fmt.Errorf("problem: Lift was given a symmetric problem; it is for asymmetric ones: %w", lr.ErrShape)
	}
	out := &Lifted{lift{of: l.Of}}
	if t, ok := lr.TruthOf(l.Of); ok {
		u, _, v := balancedSVD(t)
		out.truth = stack(u, v)
		if !out.truth.Finite() {
			return nil, fmt.Errorf("problem: Lift cannot factorise the truth of %s: its SVD did not converge: %w", printed(l.Of), lr.ErrFailed)
		}
	}
	return out, nil
}

// Lifted is the symmetric form of an asymmetric problem, made by [Lift]. It is
// immutable.
//
// It has Hessian products, batches, a truth and products with the matrix
// gradient if the problem inside has them. The truth is W* = [U*; V*] with
// balanced U* = X·D^½ and V* = Y·D^½ from the SVD of M*. The matrix gradient is
// that of F(N) = 2f(N₁₂) + 2f(N₂₁ᵀ), the form of f that treats both blocks
// alike as H₁ does,
//
//	∇F(N) = 2 [0, ∇f(UVᵀ); ∇f(UVᵀ)ᵀ, 0]
//
// with f = g without its regularisers.
type Lifted struct{ lift }

// Unregularised returns the lift of f(UVᵀ) alone, which is a function of N.
func (l *Lifted) Unregularised() lr.Problem {
	return &lift{of: unregularised(l.of), truth: l.truth}
}

// Of returns the problem inside.
func (l *Lifted) Of() lr.Problem { return l.of }

// Point returns the new point W = [U; V] for a point of the problem inside. A
// point of another shape or one that is not finite is an error.
func (l *Lifted) Point(x *lr.Factors) (*lr.Factors, error) {
	if err := lr.CheckPoint(l.of, x); err != nil {
		return nil, fmt.Errorf("problem: Lifted.Point: %w", err)
	}
	return stack(x.U, x.V), nil
}

// Split returns the new point (U, V) of the problem inside for W = [U; V]. A
// point of another shape or one that is not finite is an error.
func (l *Lifted) Split(w *lr.Factors) (*lr.Factors, error) {
	if err := lr.CheckPoint(l, w); err != nil {
		return nil, fmt.Errorf("problem: Lifted.Split: %w", err)
	}
	d1, _, _ := l.of.Dims()
	return rowsOf(w.U, d1).Clone(), nil
}

// stack returns W = [u; v].
func stack(u, v *mat.Dense) *lr.Factors {
	w := new(mat.Dense)
	w.Stack(u, v)
	return &lr.Factors{U: w}
}

// lift is a Lifted without the method by which callers find out that there is
// a regulariser.
type lift struct {
	of    lr.Problem
	truth *lr.Factors // W*, nil when not known
}

// Dims returns d1+d2, twice, and the number of columns of W.
func (l *lift) Dims() (d1, d2, r int) {
	d1, d2, r = l.of.Dims()
	return d1 + d2, d1 + d2, r
}

// Symmetric is true: N = WWᵀ.
func (l *lift) Symmetric() bool { return true }

// Truth returns W*, nil when M* is not known. It must not be changed.
func (l *lift) Truth() *lr.Factors { return l.truth }

// Has reports which abilities the problem has: the truth only if that of the
// problem inside is known.
func (l *lift) Has(a lr.Ability) bool { return a != lr.AbilityTruth || l.truth != nil }

func (l *lift) String() string { return fmt.Sprintf("lift(%s)", printed(l.of)) }

// NewEval returns a workspace: that of the problem inside.
func (l *lift) NewEval() lr.Evaluator {
	return &liftEval{p: l, able: ableOf(l.of), x: newRows(), d: newRows(), dst: newRows(), mdst: newRows(), z: newRows()}
}

// liftEval looks at W as at [U; V], without a copy.
type liftEval struct {
	able
	p         *lift
	x, d, dst *lr.Factors
	mdst, z   *lr.Factors // of MulGrad
}

func newRows() *lr.Factors { return &lr.Factors{U: new(mat.Dense), V: new(mat.Dense)} }

// rowsOf returns the first d1 rows of w as U and the others as V, sharing w's
// memory.
func rowsOf(w *mat.Dense, d1 int) *lr.Factors {
	x := newRows()
	look(x, w, d1)
	return x
}

// look makes x see the first d1 rows of w as U and the others as V.
func look(x *lr.Factors, w *mat.Dense, d1 int) {
	rows(x.U, w, 0, d1)
	rows(x.V, w, d1, w.RawMatrix().Rows)
}

// rows makes m see the rows [from, to) of a, without allocating.
func rows(m, a *mat.Dense, from, to int) {
	raw := a.RawMatrix()
	m.SetRawMatrix(blas64.General{
		Rows: to - from, Cols: raw.Cols, Stride: raw.Stride,
		Data: raw.Data[from*raw.Stride : (to-1)*raw.Stride+raw.Cols],
	})
}

// see checks w and returns it as (U, V).
func (e *liftEval) see(x, w *lr.Factors) *lr.Factors {
	checkShape(e.p, w)
	d1, _, _ := e.p.of.Dims()
	look(x, w.U, d1)
	return x
}

func (e *liftEval) Grad(dst, x *lr.Factors) float64 {
	at := e.see(e.x, x)
	if dst == nil {
		return 4 * e.of.Grad(nil, at)
	}
	v := e.of.Grad(e.see(e.dst, dst), at)
	dst.Scale(4)
	return 4 * v
}

func (e *liftEval) HessVec(dst, x, d *lr.Factors) {
	at, along := e.see(e.x, x), e.see(e.d, d)
	e.hess.HessVec(e.see(e.dst, dst), at, along)
	dst.Scale(4)
}

// MulGrad needs no transpose: ∇F is symmetric.
func (e *liftEval) MulGrad(dst *mat.Dense, _ bool, x *lr.Factors, z *mat.Dense) {
	d1, _, _ := e.p.of.Dims()
	d, _, _ := e.p.Dims()
	r, k := dst.Dims()
	if zr, zk := z.Dims(); r != d || zr != d || zk != k {
		panic(fmt.Sprintf("problem: dst is %d×%d and z %d×%d, want %d×k both", r, k, zr, zk, d))
	}
	var at *lr.Factors
	if x != nil {
		at = e.see(e.x, x)
	}
	look(e.mdst, dst, d1)
	look(e.z, z, d1)
	e.mulGrad.MulGrad(e.mdst.U, false, at, e.z.V)
	e.mulGrad.MulGrad(e.mdst.V, true, at, e.z.U)
	scaleBy(dst, 2)
}

func (e *liftEval) Terms() int { return e.batches.Terms() }

func (e *liftEval) GradBatch(dst, x *lr.Factors, terms []int) {
	at := e.see(e.x, x)
	e.batches.GradBatch(e.see(e.dst, dst), at, terms)
	dst.Scale(4)
}
