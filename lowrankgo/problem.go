package lowrankgo

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Problem is an objective over the factors of a low-rank matrix. A Problem is
// immutable and safe to share between goroutines; an [Evaluator] does the work.
//
// A Problem may have further abilities. They are asked for by function
// ([HessVecOf], [MulGradOf], [TruthOf], [SymmetricOf]), never by a type
// assertion, because a wrapper has an ability only if it can offer it with its
// own term.
type Problem interface {
	// Dims returns the shape d1×d2 of M and the number r of factor columns.
	Dims() (d1, d2, r int)
	// NewEval returns a workspace. One goroutine uses it at a time.
	NewEval() Evaluator
}

// Evaluator computes an objective and its derivatives, using one workspace.
type Evaluator interface {
	// Grad returns the value at x and, unless dst is nil, sets dst to the
	// gradient. x and dst have the problem's shape (else it panics) and are
	// not kept.
	Grad(dst, x *Factors) float64
}

// HessVec is an Evaluator with second derivatives, free of any matrix of
// Hessian size.
type HessVec interface {
	Evaluator
	// HessVec sets dst = ∇²f(x)[d]. dst may not share memory with x or d. It
	// is cheapest when x is the point of the last call of Grad or HessVec.
	HessVec(dst, x, d *Factors)
}

// MulGrad is an Evaluator of an objective f(UVᵀ) + regulariser(U, V) that can
// apply the d1×d2 matrix ∇f(UVᵀ) without storing it.
type MulGrad interface {
	Evaluator
	// MulGrad sets dst = ∇f(UVᵀ)·z (dst d1×k, z d2×k), or ∇f(UVᵀ)ᵀ·z (dst
	// d2×k, z d1×k) when trans. A nil x means M = 0.
	MulGrad(dst *mat.Dense, trans bool, x *Factors, z *mat.Dense)
}

// Ability names what a Problem or an Evaluator may be able to do beyond its
// interface.
type Ability int

const (
	AbilityHessVec Ability = iota // Hessian-vector products
	AbilityMulGrad                // products with ∇f(UVᵀ)
	AbilityTruth                  // the true matrix is known
)

func (a Ability) String() string {
	switch a {
	case AbilityHessVec:
		return "Hessian-vector products (HessVec)"
	case AbilityMulGrad:
		return "products with the matrix gradient (MulGrad)"
	case AbilityTruth:
		return "a known true matrix (Truth)"
	}
	return "unknown ability"
}

// Partial is implemented by a problem, or an evaluator, whose type has more
// methods than it can always serve, such as a wrapper or [Funcs].
type Partial interface {
	// Has reports whether the ability's method may be called.
	Has(Ability) bool
}

func has(v any, a Ability) bool {
	p, ok := v.(Partial)
	return !ok || p.Has(a)
}

// HessVecOf returns a new evaluator of p with second derivatives, or false.
func HessVecOf(p Problem) (HessVec, bool) {
	e := p.NewEval()
	h, ok := e.(HessVec)
	return h, ok && has(e, AbilityHessVec)
}

// MulGradOf returns a new evaluator of p that can apply ∇f(UVᵀ), or false.
func MulGradOf(p Problem) (MulGrad, bool) {
	e := p.NewEval()
	g, ok := e.(MulGrad)
	return g, ok && has(e, AbilityMulGrad)
}

// TruthOf returns the factors of the true matrix M*, or false when it is not
// known. The caller must not change them.
func TruthOf(p Problem) (*Factors, bool) {
	t, ok := p.(interface{ Truth() *Factors })
	if !ok || !has(p, AbilityTruth) {
		return nil, false
	}
	x := t.Truth()
	return x, x != nil
}

// SymmetricOf reports whether p works on symmetric factors, M = UUᵀ. A problem
// says so by a method Symmetric() bool; without one it is asymmetric.
func SymmetricOf(p Problem) bool {
	s, ok := p.(interface{ Symmetric() bool })
	return ok && s.Symmetric()
}

// describe prints p with its parameters when it can, else by its type.
func describe(p any) string {
	if s, ok := p.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", p)
}

// CheckPoint returns an error unless x has the shape that p works on and
// finite values.
func CheckPoint(p Problem, x *Factors) error {
	d1, d2, r := p.Dims()
	want := fmt.Sprintf("U %d×%d, V %d×%d", d1, r, d2, r)
	if SymmetricOf(p) {
		want = fmt.Sprintf("U %d×%d and no V (the problem is symmetric)", d1, r)
	}
	fits := x != nil && x.U != nil && !x.U.IsEmpty() && (x.V == nil || !x.V.IsEmpty()) &&
		x.sameShape(&Factors{U: mat.NewDense(d1, r, nil), V: rightOf(p, d2, r)}) &&
		(x.V == nil || x.V.RawMatrix().Cols == r)
	if !fits {
		return fmt.Errorf("lowrankgo: the point has %s; %s wants %s: %w", x.shape(), describe(p), want, ErrShape)
	}
	if !x.Finite() {
		return fmt.Errorf("lowrankgo: the point has NaN or infinite entries; every entry must be finite: %w", ErrValue)
	}
	return nil
}

func rightOf(p Problem, d2, r int) *mat.Dense {
	if SymmetricOf(p) {
		return nil
	}
	return mat.NewDense(d2, r, nil)
}

// Funcs is a Problem made of functions, for an ad-hoc objective or one written
// in a notebook cell, where interpreted types cannot have methods that
// compiled code sees. Fields left nil are abilities that it does not claim.
//
// Functions must be safe for concurrent use when the problem is shared.
type Funcs struct {
	Name       string // printed in the trace; default "Funcs"
	D1, D2     int    // shape of M; D2 = 0 with Sym means D1
	Rank       int    // columns of the factors
	Sym        bool   // M = UUᵀ: x.V and dst.V are nil
	GradFunc   func(dst, x *Factors) float64
	HessFunc   func(dst, x, d *Factors)
	TruthValue *Factors
}

// Dims returns the shape and rank given.
func (f Funcs) Dims() (d1, d2, r int) {
	if f.Sym {
		return f.D1, f.D1, f.Rank
	}
	return f.D1, f.D2, f.Rank
}

// NewEval returns an evaluator that calls the functions.
func (f Funcs) NewEval() Evaluator { return funcsEval{f} }

// Symmetric returns Sym.
func (f Funcs) Symmetric() bool { return f.Sym }

// Truth returns TruthValue.
func (f Funcs) Truth() *Factors { return f.TruthValue }

func (f Funcs) String() string {
	if f.Name == "" {
		return "Funcs"
	}
	return f.Name
}

// Check returns an error when a size is below 1, GradFunc is missing or the
// truth has another shape.
func (f Funcs) Check() error {
	d1, d2, r := f.Dims()
	switch {
	case d1 < 1 || d2 < 1 || r < 1 || r > min(d1, d2):
		return fmt.Errorf("lowrankgo: Funcs has D1 = %d, D2 = %d, Rank = %d; want 1 ≤ Rank ≤ min(D1, D2): %w", d1, d2, r, ErrRank)
	case f.GradFunc == nil:
		return fmt.Errorf("lowrankgo: Funcs has no GradFunc; it is the one function that is required: %w", ErrEmpty)
	}
	if t := f.TruthValue; t != nil {
		if t1, t2 := t.Dims(); t1 != d1 || t2 != d2 {
			return fmt.Errorf("lowrankgo: Funcs is %d×%d but its truth is %d×%d: %w", d1, d2, t1, t2, ErrShape)
		}
	}
	return nil
}

type funcsEval struct{ f Funcs }

func (e funcsEval) Grad(dst, x *Factors) float64 { return e.f.GradFunc(dst, x) }
func (e funcsEval) HessVec(dst, x, d *Factors)   { e.f.HessFunc(dst, x, d) }
func (e funcsEval) Has(a Ability) bool           { return a == AbilityHessVec && e.f.HessFunc != nil }

// finite reports whether v is neither NaN nor infinite.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
