package lowrankgo

import "fmt"

// How the theory sees an objective g(U, V) = f(UVᵀ) + Q(U, V): its function of
// the matrix alone, whether that is convex, its quadratic form, what lies above
// it.

// UnregularisedOf returns the objective f(UVᵀ) alone, without the terms of
// (U, V) that p adds to it; p itself when it adds none. A problem with such
// terms offers it by a method Unregularised() Problem.
func UnregularisedOf(p Problem) Problem {
	for {
		u, ok := p.(interface{ Unregularised() Problem })
		if !ok {
			return p
		}
		p = u.Unregularised()
	}
}

// ConvexOf reports whether f, as a function of all d1×d2 matrices M, is known to
// be convex. A problem says so by a method Convex() bool; without one nothing is
// known. Terms of (U, V) do not count.
func ConvexOf(p Problem) bool {
	c, ok := UnregularisedOf(p).(interface{ Convex() bool })
	return ok && c.Convex()
}

// ErrorForm is an objective as [G](8), (14) and (16) write it,
//
//	g(U, V) = (Weight/2) (M − M*) : Form : (M − M*) + Q(U, V)
//
// with the problem's truth M*. Nothing in it may be changed.
type ErrorForm struct {
	Form   Form
	Weight float64 // > 0
	Q      Problem // Q alone, with value, gradient and Hessian products; nil when it is 0
}

// ErrorFormOf returns p's form around its truth, or false when it is no such
// form or has no truth. A problem offers it by a method ErrorForm() *ErrorForm.
func ErrorFormOf(p Problem) (*ErrorForm, bool) {
	e, ok := p.(interface{ ErrorForm() *ErrorForm })
	if _, known := TruthOf(p); !ok || !known || !Has(p, AbilityErrorForm) {
		return nil, false
	}
	f := e.ErrorForm()
	return f, f != nil
}

// MajoriserOf returns the problem g_x that p has at x, [G] Def 5: g_x ≥ g
// everywhere, equal to g at x, where it also has g's gradient, and twice
// differentiable. A problem offers it by a method
// Majoriser(x *Factors) (Problem, error), as robust PCA does; of others it is an
// error that wraps [ErrAbility].
func MajoriserOf(p Problem, x *Factors) (Problem, error) {
	if !MajorisedOf(p) {
		return nil, fmt.Errorf("lowrankgo: %s is asked for %v: %w", describe(p), AbilityMajoriser, ErrAbility)
	}
	return p.(majorised).Majoriser(x)
}

type majorised interface {
	Majoriser(x *Factors) (Problem, error)
}

// MajorisedOf reports whether p has a majoriser at every point: it has the
// method Majoriser, and no method Majorised() bool that says no, as that of a
// [Funcs] without MajoriserFunc does. A type that embeds Funcs and has a
// Majoriser of its own wants a Majorised of its own, too.
func MajorisedOf(p Problem) bool {
	if _, ok := p.(majorised); !ok || !Has(p, AbilityMajoriser) {
		return false
	}
	m, ok := p.(interface{ Majorised() bool })
	return !ok || m.Majorised()
}

// CurvatureOf returns the second derivative ∇²f(X) of an objective f(UVᵀ) + Q(U,
// V) as a form on d1×d2 matrices,
//
//	D : Form : D = ∇²f(X)[D, D]
//
// at the matrix X of x, whose factors may have any number of columns, as those
// of D may. So f itself is seen, apart from its factors: [L] Def III.1 asks it of
// X of rank 2r and D of rank 4r. x is copied. A problem offers it by a method
// Curvature(x *Factors) (Form, error); of others it is an error that wraps
// [ErrAbility]. An x of another shape or one that is not finite is an error.
func CurvatureOf(p Problem, x *Factors) (Form, error) {
	f := UnregularisedOf(p)
	c, ok := f.(interface {
		Curvature(x *Factors) (Form, error)
	})
	if !ok || !Has(f, AbilityCurvature) {
		return nil, fmt.Errorf("lowrankgo: %s is asked for %v: %w", describe(p), AbilityCurvature, ErrAbility)
	}
	if err := x.Check(); err != nil {
		return nil, err
	}
	d1, d2, _ := p.Dims()
	if x1, x2 := x.Dims(); x1 != d1 || x2 != d2 {
		return nil, fmt.Errorf("lowrankgo: the curvature of %s, which is %d×%d, is asked for at a %d×%d matrix: %w", describe(p), d1, d2, x1, x2, ErrShape)
	}
	return c.Curvature(x)
}
