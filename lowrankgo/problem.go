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
// [BatchesOf], [PartsOf], [SplitOf], [SparsePartOf], [UnregularisedOf],
// [ConvexOf], [ErrorFormOf], [MajoriserOf], [CurvatureOf]), never by a type
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

// describe prints p with its parameters when it can, else by its type.
func describe(p any) string {
	if s, ok := p.(fmt.Stringer); ok {
		return s.String()
	}
	return fmt.Sprintf("%T", p)
}

// CheckProblem returns an error when p is nil, when its sizes are not
// 1 ≤ r ≤ min(d1, d2), when its truth, its least-squares form, its parts or its
// split do not fit, or when it has a method Check() error that says so.
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
	return checkClaims(p)
}

// checkClaims checks what p says of itself beside its sizes.
func checkClaims(p Problem) error {
	if t, ok := TruthOf(p); ok {
		if err := checkTruth(p, t); err != nil {
			return err
		}
	}
	if l, ok := LeastSquaresOf(p); ok {
		if err := checkLeastSquares(p, l); err != nil {
			return err
		}
	}
	if s, ok := SplitOf(p); ok {
		if err := checkSplit(p, s); err != nil {
			return err
		}
	}
	if parts, ok := PartsOf(p); ok {
		return checkParts(p, parts)
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

func checkLeastSquares(p Problem, l *LeastSquares) error {
	if err := CheckOperator(l.Operator); err != nil {
		return fmt.Errorf("the least-squares form of %s: %w", describe(p), err)
	}
	d1, d2, _ := p.Dims()
	o1, o2, m := l.Operator.Dims()
	switch {
	case o1 != d1 || o2 != d2:
		return fmt.Errorf("lowrankgo: %s is %d×%d but its least-squares form measures %d×%d matrices: %w", describe(p), d1, d2, o1, o2, ErrShape)
	case len(l.B) != m:
		return fmt.Errorf("lowrankgo: the least-squares form of %s has %d numbers in B for %d measurements: %w", describe(p), len(l.B), m, ErrShape)
	case !(l.Weight > 0) || math.IsInf(l.Weight, 0) || !(l.Ridge >= 0) || math.IsInf(l.Ridge, 0):
		return fmt.Errorf("lowrankgo: the least-squares form of %s has Weight = %v, Ridge = %v; finite numbers are wanted, Weight > 0 and Ridge ≥ 0: %w", describe(p), l.Weight, l.Ridge, ErrValue)
	}
	return nil
}

// checkParts holds the parts of a separable problem against it.
func checkParts(p Problem, parts []Problem) error {
	d1, d2, r := p.Dims()
	if SymmetricOf(p) {
		return fmt.Errorf("lowrankgo: %s is symmetric; only an asymmetric problem has parts: %w", describe(p), ErrShape)
	}
	width := 0
	for j, part := range parts {
		if isNil(part) {
			return fmt.Errorf("lowrankgo: part %d of %s is nil: %w", j, describe(p), ErrEmpty)
		}
		p1, p2, pr := part.Dims()
		if p1 != d1 || p2 < 1 || pr != r || SymmetricOf(part) {
			return fmt.Errorf("lowrankgo: part %d of %s is %d×%d with rank %d, symmetric %t; an asymmetric problem of %d×m, m ≥ 1, with rank %d is wanted: %w",
				j, describe(p), p1, p2, pr, SymmetricOf(part), d1, r, ErrShape)
		}
		width += p2
	}
	if width != d2 {
		return fmt.Errorf("lowrankgo: the parts of %s have %d columns together, want %d: %w", describe(p), width, d2, ErrShape)
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

// finite reports whether v is neither NaN nor infinite.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
