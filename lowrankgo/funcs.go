package lowrankgo

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Funcs is a Problem made of functions, for an ad-hoc objective or one written
// in a notebook cell, where interpreted types cannot have methods that
// compiled code sees. Fields left nil are abilities that it does not claim; a
// method that needs one of them refuses the problem and names it.
//
// The functions are called with shapes that fit, and must be safe for
// concurrent use when the problem is shared. What each of them costs is what a
// method's step costs: nothing is done beside the call.
type Funcs struct {
	Name   string // printed in the trace; default "Funcs"
	D1, D2 int    // shape of M; D2 is not read when Sym
	Rank   int    // columns of the factors
	Sym    bool   // M = UUᵀ: x.V and dst.V are nil

	// GradFunc returns the value at x and, unless dst is nil, sets dst to the
	// gradient. It is the one function that is required.
	GradFunc func(dst, x *Factors) float64
	// HessFunc sets dst = ∇²f(x)[d]; see [HessVec].
	HessFunc func(dst, x, d *Factors)
	// MulGradFunc sets dst = ∇f(M)·z, or ∇f(M)ᵀ·z when trans, where M = UVᵀ;
	// a nil x means M = 0; see [MulGrad].
	MulGradFunc func(dst *mat.Dense, trans bool, x *Factors, z *mat.Dense)
	// BatchFunc sets dst to the gradient as some of Terms terms see it; see
	// [Batches]. Terms is the number of terms, needed beside it.
	BatchFunc func(dst, x *Factors, terms []int)
	Terms     int

	// SparsePartFunc returns the sparse part S that minimises at x, in memory
	// of its own, for an objective that is min over S of f(UVᵀ, S).
	// OverfullFunc returns the share of rows and columns in which S wants more
	// entries than it may have; nil means that this is not known, and taken to
	// be 0. See [SparsePart].
	SparsePartFunc func(x *Factors) *Sparse
	OverfullFunc   func(x *Factors) float64

	// CurvatureFunc returns ∇²f(X) as a form, at the X of an x with any number
	// of columns; see [CurvatureOf].
	CurvatureFunc func(x *Factors) (Form, error)
	// MajoriserFunc returns the smooth problem g_x that lies above this one and
	// touches it at x; see [MajoriserOf].
	MajoriserFunc func(x *Factors) (Problem, error)

	// IsConvex says that the objective, but for terms of (U, V), is a convex
	// function of the matrix; see [ConvexOf]. It is believed. Default: not known.
	IsConvex bool

	TruthValue        *Factors      // M*, where it is known
	ErrorFormValue    *ErrorForm    // the objective as a form around M*; see [ErrorFormOf]
	LeastSquaresValue *LeastSquares // the objective in its least-squares form
	PartsValue        []Problem     // the parts of a separable objective; see [PartsOf]
	SplitValue        *Split        // the data of robust PCA; see [SplitOf]
}

// Dims returns the shape and rank given.
func (f Funcs) Dims() (d1, d2, r int) {
	if f.Sym {
		return f.D1, f.D1, f.Rank
	}
	return f.D1, f.D2, f.Rank
}

// NewEval returns an evaluator that calls the functions.
func (f Funcs) NewEval() Evaluator { return &funcsEval{f: f, p: f} }

// Symmetric returns Sym.
func (f Funcs) Symmetric() bool { return f.Sym }

// Truth returns TruthValue.
func (f Funcs) Truth() *Factors { return f.TruthValue }

// LeastSquares returns LeastSquaresValue.
func (f Funcs) LeastSquares() *LeastSquares { return f.LeastSquaresValue }

// Parts returns PartsValue.
func (f Funcs) Parts() []Problem { return f.PartsValue }

// Split returns SplitValue.
func (f Funcs) Split() *Split { return f.SplitValue }

// Curvature returns what CurvatureFunc does, and is an error without it.
func (f Funcs) Curvature(x *Factors) (Form, error) {
	if f.CurvatureFunc == nil {
		return nil, fmt.Errorf("lowrankgo: %v has no CurvatureFunc: %w", f, ErrAbility)
	}
	return f.CurvatureFunc(x)
}

// Majorised reports whether there is a MajoriserFunc.
func (f Funcs) Majorised() bool { return f.MajoriserFunc != nil }

// Majoriser returns what MajoriserFunc does, and is an error without it, at a
// point that does not fit, and for a majoriser of another shape.
func (f Funcs) Majoriser(x *Factors) (Problem, error) {
	if f.MajoriserFunc == nil {
		return nil, fmt.Errorf("lowrankgo: %v has no MajoriserFunc: %w", f, ErrAbility)
	}
	if err := CheckPoint(f, x); err != nil {
		return nil, err
	}
	g, err := f.MajoriserFunc(x)
	if err != nil {
		return nil, err
	}
	if err := CheckProblem(g); err != nil {
		return nil, fmt.Errorf("the majoriser of %v: %w", f, err)
	}
	if !fits(g, x) {
		d1, d2, r := f.Dims()
		g1, g2, gr := g.Dims()
		return nil, fmt.Errorf("lowrankgo: %v is %d×%d with rank %d, symmetric %t; its MajoriserFunc gave a problem of %d×%d with rank %d, symmetric %t; the same is wanted: %w",
			f, d1, d2, r, f.Sym, g1, g2, gr, SymmetricOf(g), ErrShape)
	}
	return g, nil
}

// Convex returns IsConvex.
func (f Funcs) Convex() bool { return f.IsConvex }

// ErrorForm returns ErrorFormValue.
func (f Funcs) ErrorForm() *ErrorForm { return f.ErrorFormValue }

func (f Funcs) String() string {
	if f.Name == "" {
		return "Funcs"
	}
	return f.Name
}

// Check returns an error when the sizes are not 1 ≤ Rank ≤ min(D1, D2),
// GradFunc is missing, Terms and BatchFunc do not come together, OverfullFunc
// comes without SparsePartFunc, ErrorFormValue without TruthValue, or the truth,
// the error form, the least-squares form, the parts or the split do not fit.
func (f Funcs) Check() error {
	d1, d2, r := f.Dims()
	switch {
	case r < 1 || r > min(d1, d2):
		return fmt.Errorf("lowrankgo: Funcs has D1 = %d, D2 = %d, Rank = %d; want 1 ≤ Rank ≤ min(D1, D2): %w", d1, d2, r, ErrRank)
	case f.GradFunc == nil:
		return fmt.Errorf("lowrankgo: Funcs has no GradFunc; it is the one function that is required: %w", ErrEmpty)
	case f.BatchFunc != nil && f.Terms < 1:
		return fmt.Errorf("lowrankgo: Funcs has a BatchFunc and Terms = %d; the number of terms is wanted, at least 1: %w", f.Terms, ErrValue)
	case f.BatchFunc == nil && f.Terms != 0:
		return fmt.Errorf("lowrankgo: Funcs has Terms = %d and no BatchFunc; set both or neither: %w", f.Terms, ErrEmpty)
	case f.SparsePartFunc == nil && f.OverfullFunc != nil:
		return fmt.Errorf("lowrankgo: Funcs has an OverfullFunc and no SparsePartFunc, whose result it would judge: %w", ErrEmpty)
	}
	if err := f.checkErrorForm(); err != nil {
		return err
	}
	return checkClaims(f)
}

func (f Funcs) checkErrorForm() error {
	e := f.ErrorFormValue
	if e == nil {
		return nil
	}
	if err := CheckForm(e.Form); err != nil {
		return fmt.Errorf("the error form of %v: %w", f, err)
	}
	d1, d2, r := f.Dims()
	h1, h2 := e.Form.Dims()
	switch {
	case f.TruthValue == nil:
		return fmt.Errorf("lowrankgo: Funcs has an ErrorFormValue and no TruthValue, around which it is one: %w", ErrEmpty)
	case h1 != d1 || h2 != d2:
		return fmt.Errorf("lowrankgo: Funcs is %d×%d but its ErrorFormValue is on %d×%d matrices: %w", d1, d2, h1, h2, ErrShape)
	case !(e.Weight > 0) || !finite(e.Weight):
		return fmt.Errorf("lowrankgo: the ErrorFormValue of Funcs has Weight = %v; a positive finite number is wanted: %w", e.Weight, ErrValue)
	case e.Q == nil:
		return nil
	}
	if err := CheckProblem(e.Q); err != nil {
		return fmt.Errorf("the Q of the error form of %v: %w", f, err)
	}
	if q1, q2, qr := e.Q.Dims(); q1 != d1 || q2 != d2 || qr != r || SymmetricOf(e.Q) != f.Sym {
		return fmt.Errorf("lowrankgo: Funcs is %d×%d with rank %d, symmetric %t; the Q of its ErrorFormValue is %d×%d with rank %d, symmetric %t: %w", d1, d2, r, f.Sym, q1, q2, qr, SymmetricOf(e.Q), ErrShape)
	}
	return nil
}

type funcsEval struct {
	f Funcs
	p Problem // f, made an interface once
}

func (e *funcsEval) Grad(dst, x *Factors) float64 {
	e.check(x)
	if dst != nil {
		e.check(dst)
	}
	return e.f.GradFunc(dst, x)
}

func (e *funcsEval) HessVec(dst, x, d *Factors) {
	e.check(x)
	e.check(d)
	e.check(dst)
	e.f.HessFunc(dst, x, d)
}

func (e *funcsEval) MulGrad(dst *mat.Dense, trans bool, x *Factors, z *mat.Dense) {
	if x != nil {
		e.check(x)
	}
	d1, d2, _ := e.f.Dims()
	if trans {
		d1, d2 = d2, d1
	}
	if r, k := dst.Dims(); r != d1 || z.RawMatrix().Rows != d2 || z.RawMatrix().Cols != k {
		panic(fmt.Sprintf("lowrankgo: %v, MulGrad: dst is %d×%d and z %d×%d; %d×k and %d×k are wanted", e.f, r, k, z.RawMatrix().Rows, z.RawMatrix().Cols, d1, d2))
	}
	e.f.MulGradFunc(dst, trans, x, z)
}

func (e *funcsEval) Terms() int { return e.f.Terms }

func (e *funcsEval) GradBatch(dst, x *Factors, terms []int) {
	e.check(x)
	e.check(dst)
	for _, i := range terms {
		if i < 0 || i >= e.f.Terms {
			panic(fmt.Sprintf("lowrankgo: %v has terms 0 … %d; it was asked for %d", e.f, e.f.Terms-1, i))
		}
	}
	e.f.BatchFunc(dst, x, terms)
}

func (e *funcsEval) SparsePart(x *Factors) *Sparse {
	e.check(x)
	s := e.f.SparsePartFunc(x)
	if d1, d2, _ := e.f.Dims(); s == nil || s.D1 != d1 || s.D2 != d2 {
		panic(fmt.Sprintf("lowrankgo: %v is %d×%d; its SparsePartFunc gave %v", e.f, d1, d2, s))
	}
	return s
}

func (e *funcsEval) Overfull(x *Factors) float64 {
	e.check(x)
	if e.f.OverfullFunc == nil {
		return 0
	}
	return e.f.OverfullFunc(x)
}

// check panics unless x fits: the functions may rely on shapes.
func (e *funcsEval) check(x *Factors) {
	if !fits(e.p, x) {
		d1, d2, r := e.f.Dims()
		panic(fmt.Sprintf("lowrankgo: %v is %d×%d with rank %d, symmetric %t; it was given %s", e.f, d1, d2, r, e.f.Sym, x.shape()))
	}
}

// Has reports whether the function of an ability is there. Of the problem's own
// abilities a nil value says that they are not.
func (e *funcsEval) Has(a Ability) bool {
	switch a {
	case AbilityHessVec:
		return e.f.HessFunc != nil
	case AbilityMulGrad:
		return e.f.MulGradFunc != nil
	case AbilityBatches:
		return e.f.BatchFunc != nil
	case AbilitySparsePart:
		return e.f.SparsePartFunc != nil
	}
	return false
}
