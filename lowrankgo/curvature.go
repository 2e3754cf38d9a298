package lowrankgo

import "fmt"

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
