package operator

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"gonum.org/v1/gonum/mat"
)

// QuadraticForm is a self-adjoint operator H on d1×d2 matrices, a
// [lowrankgo.Form], known by A : H : B = ⟨A, H(B)⟩. [Perturbed], [GramForm],
// [DenseForm] and [FuncForm] make one.
type QuadraticForm struct {
	name         string
	d1, d2       int
	bytes        int
	newEval      func() lr.FormEval
	semidefinite bool
}

// Dims returns the shape of matrices.
func (h *QuadraticForm) Dims() (d1, d2 int) { return h.d1, h.d2 }

// NewEval returns a workspace.
func (h *QuadraticForm) NewEval() lr.FormEval { return h.newEval() }

// Bytes returns how much memory the form takes.
func (h *QuadraticForm) Bytes() int { return h.bytes }

// Semidefinite reports whether M : H : M ≥ 0 is known for all M, by which the
// objectives that H makes are convex: so it is for [GramForm] and [Perturbed],
// and where the user of [FuncForm] says so. Of the others nothing is known.
func (h *QuadraticForm) Semidefinite() bool { return h.semidefinite }

func (h *QuadraticForm) String() string { return h.name }

// GramForm is the quadratic form of a measurement map,
//
//	H = c·𝒜*𝒜,  M : H : M = c·‖𝒜(M)‖²
//
// with c = 1/m by default: the H of a restricted isometry, as in [G](7). One
// application costs what ApplyAdjoint does.
type GramForm struct {
	Operator lr.Operator // 𝒜
	Scale    float64     // c > 0; default 1/m
}

// New checks the parts and returns the form. No operator, and a scale that is
// negative or not finite, are errors.
func (f GramForm) New() (*QuadraticForm, error) {
	if err := lr.CheckOperator(f.Operator); err != nil {
		return nil, fmt.Errorf("operator: GramForm: %w", err)
	}
	d1, d2, m := f.Operator.Dims()
	scale, name := f.Scale, fmt.Sprintf("GramForm(%v, scale %.4g)", f.Operator, f.Scale)
	if f.Scale == 0 {
		scale, name = 1/float64(m), fmt.Sprintf("GramForm(%v)", f.Operator)
	}
	if !(scale > 0) || math.IsInf(scale, 0) {
		return nil, fmt.Errorf("operator: GramForm has Scale %v; a positive number is wanted, or 0 for 1/m: %w", f.Scale, lr.ErrValue)
	}
	bytes := 0
	if b, ok := f.Operator.(interface{ Bytes() int }); ok {
		bytes = b.Bytes()
	}
	return &QuadraticForm{name, d1, d2, bytes, func() lr.FormEval {
		return &gramEval{op: f.Operator.NewEval(), res: make([]float64, m), scale: scale}
	}, true}, nil
}

type gramEval struct {
	op     lr.OperatorEval
	res    []float64
	scale  float64
	scaled mat.Dense
}

func (e *gramEval) Apply(x, y *mat.Dense) float64 {
	e.op.ApplyAdjoint(e.res, x, y, nil)
	return e.scale * loops.Dot(e.res, e.res)
}

// Mul scales z, which is thin, instead of G.
func (e *gramEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	r, k := z.Dims()
	if sr, sk := e.scaled.Dims(); sr != r || sk != k {
		e.scaled.Reset()
		e.scaled.ReuseAs(r, k)
	}
	e.scaled.Scale(e.scale, z)
	e.op.Mul(dst, c, trans, &e.scaled)
}

// DenseForm is the form of a matrix on vec(M), row by row:
//
//	vec(H(M)) = H vec(M),  H d1·d2 × d1·d2 and symmetric
//
// It stores (d1·d2)² numbers of 8 bytes; one application reads them once.
type DenseForm struct {
	D1, D2 int        // shape of matrices
	H      mat.Matrix // copied
}

// New checks the matrix and returns the form. Another shape, values that are
// not finite, and an H that differs from Hᵀ by more than 10⁻¹² of its largest
// entry are errors; of a smaller difference the mean is taken.
func (f DenseForm) New() (*QuadraticForm, error) {
	if noMatrix(f.H) {
		return nil, fmt.Errorf("operator: DenseForm has no H; a d1·d2 × d1·d2 matrix is wanted: %w", lr.ErrEmpty)
	}
	if err := checkShape(f.D1, f.D2); err != nil {
		return nil, err
	}
	r, c := f.H.Dims()
	if err := checkSizes(f.D1, f.D2, r); err != nil {
		return nil, err
	}
	n := f.D1 * f.D2
	if r != n || c != n {
		return nil, fmt.Errorf("operator: DenseForm has an H of %d×%d; d1·d2 = %d rows and columns are wanted: %w", r, c, n, lr.ErrShape)
	}
	h, err := copyFinite("H", f.H)
	if err != nil {
		return nil, err
	}
	if err := selfAdjoint(h, n); err != nil {
		return nil, err
	}
	return newForm(fmt.Sprintf("DenseForm(%d×%d)", f.D1, f.D2), f.D1, f.D2, 8*n*n, func() func(g, m *matrix) {
		return func(g, m *matrix) {
			for i := range g.data {
				g.data[i] = loops.Dot(h[i*n:(i+1)*n], m.data)
			}
		}
	}), nil
}

// selfAdjoint replaces the n×n h by (h + hᵀ)/2, when they differ by rounding.
func selfAdjoint(h []float64, n int) error {
	var big float64
	for _, v := range h {
		big = math.Max(big, math.Abs(v))
	}
	for i := range n {
		for j := range i {
			a, b := h[i*n+j], h[j*n+i]
			if math.Abs(a-b) > 1e-12*big {
				return fmt.Errorf("operator: H is not self-adjoint: entry (%d, %d) is %g and entry (%d, %d) is %g; they must be equal: %w", i, j, a, j, i, b, lr.ErrValue)
			}
			h[i*n+j], h[j*n+i] = (a+b)/2, (a+b)/2
		}
	}
	return nil
}

// FuncForm is a form given by a function.
type FuncForm struct {
	Name   string                  // for messages and traces; default "FuncForm"
	D1, D2 int                     // shape of matrices
	Apply  func(dst, m *mat.Dense) // dst = H(m), all of it; safe for concurrent use when the form is shared
	// Semidefinite says that M : H : M ≥ 0 for all M, by which the objectives that
	// H makes are convex. Default: not known.
	Semidefinite bool
}

// New checks the function and returns the form. It calls the function a few
// times on random matrices, to eight digits. Sizes below 1, no function, one
// that panics, an H that is not linear or not self-adjoint,
// ⟨X, H(Y)⟩ ≠ ⟨H(X), Y⟩, and one that is called semidefinite and is not at these
// matrices, are errors.
func (f FuncForm) New() (*QuadraticForm, error) {
	if f.Name == "" {
		f.Name = "FuncForm"
	}
	if err := checkSizes(f.D1, f.D2, 1); err != nil {
		return nil, err
	}
	if f.Apply == nil {
		return nil, fmt.Errorf("operator: %s has no Apply, the function that sets dst = H(m): %w", f.Name, lr.ErrEmpty)
	}
	if err := guarded(f.Name, f.probe); err != nil {
		return nil, err
	}
	h := newForm(fmt.Sprintf("%s(%d×%d)", f.Name, f.D1, f.D2), f.D1, f.D2, 0, func() func(g, m *matrix) {
		in, out := mat.NewDense(f.D1, f.D2, nil), mat.NewDense(f.D1, f.D2, nil)
		return func(g, m *matrix) {
			copy(numbers(in), m.data)
			f.Apply(out, in)
			copy(g.data, numbers(out))
		}
	})
	h.semidefinite = f.Semidefinite
	return h, nil
}

func (f FuncForm) probe() error {
	rng := lr.Stream(1, "probe")
	draw := func() *mat.Dense { return lr.NormalMatrix(rng, f.D1, f.D2) }
	x, y, hx, hy, hs := draw(), draw(), draw(), draw(), draw()
	f.Apply(hx, x)
	f.Apply(hy, y)
	var s, sum mat.Dense
	s.Scale(-2, y)
	s.Add(&s, x)
	f.Apply(hs, &s)
	sum.Scale(-2, hy)
	sum.Add(&sum, hx)
	if i, same := firstGap(numbers(hs), numbers(&sum)); !same {
		return fmt.Errorf("operator: %s is not linear: entry (%d, %d) of H(X − 2Y) is %g, of H(X) − 2H(Y) %g: %w", f.Name, i/f.D2, i%f.D2, numbers(hs)[i], numbers(&sum)[i], lr.ErrValue)
	}
	a, b := inner(numbers(x), numbers(hy)), inner(numbers(hx), numbers(y))
	if !(math.Abs(a-b) <= probeTol*(norm(numbers(x))*norm(numbers(hy))+norm(numbers(hx))*norm(numbers(y)))) {
		return fmt.Errorf("operator: %s is not self-adjoint: ⟨X, H(Y)⟩ is %g and ⟨H(X), Y⟩ is %g; they must be equal: %w", f.Name, a, b, lr.ErrValue)
	}
	for _, v := range [][2][]float64{{numbers(x), numbers(hx)}, {numbers(y), numbers(hy)}} {
		if c := inner(v[0], v[1]); f.Semidefinite && c < -probeTol*norm(v[0])*norm(v[1]) {
			return fmt.Errorf("operator: %s is called Semidefinite, and M : H : M is %g for a random M; at least 0 is wanted of all M: %w", f.Name, c, lr.ErrValue)
		}
	}
	return nil
}

// newForm makes a form of a function that sets g = H(m), one for each
// workspace.
func newForm(name string, d1, d2, bytes int, newApply func() func(g, m *matrix)) *QuadraticForm {
	return &QuadraticForm{name: name, d1: d1, d2: d2, bytes: bytes, newEval: func() lr.FormEval {
		n := d1 * d2
		return &formEval{newMatrix(d1, d2, make([]float64, n)), newMatrix(d1, d2, make([]float64, n)), newApply()}
	}}
}

// formEval holds M and G = H(M).
type formEval struct {
	m, g  *matrix
	apply func(g, m *matrix)
}

func (e *formEval) Apply(x, y *mat.Dense) float64 {
	checkThin(x, y, e.m.d1, e.m.d2)
	e.m.form(x, y)
	e.apply(e.g, e.m)
	return loops.Dot(e.m.data, e.g.data)
}

func (e *formEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	e.g.mul(dst, c, trans, z)
}
