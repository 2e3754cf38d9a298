package lowrankgo

import (
	"errors"
	"fmt"
	"math"
	"reflect"
)

// Problem is an objective over the factors of a low-rank matrix. A Problem is
// immutable and safe to share between goroutines; an [Evaluator] does the work.
//
// A Problem may have further abilities. They are asked for by function
// ([HessVecOf], [MulGradOf], [TruthOf], [SymmetricOf], [LeastSquaresOf],
// [BatchesOf], [PartsOf]), never by a type assertion, because a wrapper has an
// ability only if it can offer it with its own term.
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

// describe prints p with its parameters when it can, else by its type.
func describe(p any) string {
	if s, ok := p.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", p)
}

// CheckProblem returns an error when p is nil, when its sizes are not
// 1 ≤ r ≤ min(d1, d2), when its truth does not fit, or when it has a method
// Check() error that says so.
func CheckProblem(p Problem) error {
	if isNil(p) {
		return fmt.Errorf("lowrankgo: there is no problem (it is nil; did its New return an error?): %w", ErrEmpty)
	}
	if c, ok := p.(interface{ Check() error }); ok {
		if err := c.Check(); err != nil {
			return err
		}
	}
	d1, d2, r := p.Dims()
	if r < 1 || r > min(d1, d2) {
		return fmt.Errorf("lowrankgo: %s is %d×%d with rank %d; 1 ≤ rank ≤ min(%d, %d) is wanted: %w", describe(p), d1, d2, r, d1, d2, ErrRank)
	}
	if SymmetricOf(p) && d1 != d2 {
		return fmt.Errorf("lowrankgo: %s is symmetric but %d×%d; a square shape is wanted: %w", describe(p), d1, d2, ErrShape)
	}
	if t, ok := TruthOf(p); ok {
		return checkTruth(p, t)
	}
	return nil
}

// isNil also sees a nil pointer in an interface, which a constructor's ignored
// error leaves behind.
func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return !r.IsValid() || r.Kind() == reflect.Pointer && r.IsNil()
}

func checkTruth(p Problem, t *Factors) error {
	if err := t.Check(); err != nil {
		return fmt.Errorf("the truth of %s: %w", describe(p), err)
	}
	d1, d2, _ := p.Dims()
	if t1, t2 := t.Dims(); t1 != d1 || t2 != d2 {
		return fmt.Errorf("lowrankgo: %s is %d×%d but its truth is %d×%d: %w", describe(p), d1, d2, t1, t2, ErrShape)
	}
	return nil
}

// CheckPoint returns an error unless x has the shape that p works on and
// finite values.
func CheckPoint(p Problem, x *Factors) error {
	d1, d2, r := p.Dims()
	want := fmt.Sprintf("U %d×%d, V %d×%d", d1, r, d2, r)
	if SymmetricOf(p) {
		want = fmt.Sprintf("U %d×%d and no V (the problem is symmetric)", d1, r)
	}
	err := x.Check()
	if errors.Is(err, ErrShape) || !fits(p, x) {
		return fmt.Errorf("lowrankgo: the point has %s; %s wants %s: %w", x.shape(), describe(p), want, ErrShape)
	}
	if err != nil {
		return fmt.Errorf("lowrankgo: the point has NaN or infinite entries; every entry must be finite: %w", ErrValue)
	}
	return nil
}

// fits reports whether x, which is whole, has the shape that p works on.
func fits(p Problem, x *Factors) bool {
	d1, d2, r := p.Dims()
	x1, x2 := x.Dims()
	return x1 == d1 && x2 == d2 && x.Rank() == r && x.Right().RawMatrix().Cols == r && x.Symmetric() == SymmetricOf(p)
}

// Funcs is a Problem made of functions, for an ad-hoc objective or one written
// in a notebook cell, where interpreted types cannot have methods that
// compiled code sees. Fields left nil are abilities that it does not claim.
//
// Functions must be safe for concurrent use when the problem is shared.
type Funcs struct {
	Name       string // printed in the trace; default "Funcs"
	D1, D2     int    // shape of M; D2 is not read when Sym
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
func (f Funcs) NewEval() Evaluator { return &funcsEval{f: f, p: f} }

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

// Check returns an error when the sizes are not 1 ≤ Rank ≤ min(D1, D2),
// GradFunc is missing or the truth does not fit.
func (f Funcs) Check() error {
	d1, d2, r := f.Dims()
	switch {
	case r < 1 || r > min(d1, d2):
		return fmt.Errorf("lowrankgo: Funcs has D1 = %d, D2 = %d, Rank = %d; want 1 ≤ Rank ≤ min(D1, D2): %w", d1, d2, r, ErrRank)
	case f.GradFunc == nil:
		return fmt.Errorf("lowrankgo: Funcs has no GradFunc; it is the one function that is required: %w", ErrEmpty)
	case f.TruthValue != nil:
		return checkTruth(f, f.TruthValue)
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

// check panics unless x fits: the functions may rely on shapes.
func (e *funcsEval) check(x *Factors) {
	if !fits(e.p, x) {
		d1, d2, r := e.f.Dims()
		panic(fmt.Sprintf("lowrankgo: %v is %d×%d with rank %d, symmetric %t; it was given %s", e.f, d1, d2, r, e.f.Sym, x.shape()))
	}
}

func (e *funcsEval) Has(a Ability) bool { return a == AbilityHessVec && e.f.HessFunc != nil }

// finite reports whether v is neither NaN nor infinite.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
