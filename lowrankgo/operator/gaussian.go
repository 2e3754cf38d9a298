package operator

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

// Gaussian is the map of m dense sensing matrices,
//
//	𝒜(M)ᵢ = ⟨Aᵢ, M⟩,  i = 1 … m
//
// with independent N(0, 1) entries, not normalised, or with the entries of a
// matrix of the user's. It stores m·d1·d2 numbers of 8 bytes. Applying 𝒜, 𝒜*,
// or one after the other, reads them once: 2, 2 or 4 flops a number.
type Gaussian struct {
	d1, d2, m int
	a         []float64 // row i is Aᵢ, row-major
}

// NewGaussian draws m sensing matrices of shape d1×d2 from seed. Each matrix
// has its own random stream, so that the first matrices are the same for every
// m. Sizes below 1 and sizes whose product overflows are errors.
func NewGaussian(d1, d2, m int, seed uint64) (*Gaussian, error) {
	if err := checkSizes(d1, d2, m); err != nil {
		return nil, err
	}
	g := &Gaussian{d1: d1, d2: d2, m: m, a: make([]float64, m*d1*d2)}
	par.New(func(i int) {
		rng := lr.Stream(seed, "sensing matrix", uint64(i))
		row := g.row(i)
		for j := range row {
			row[j] = rng.NormFloat64()
		}
	}).Run(m)
	return g, nil
}

// NewDense makes a Gaussian's map from the user's numbers: row i of a, of
// length d1·d2, is Aᵢ in row-major order. The numbers are copied. Wrong
// shapes and values that are not finite are errors.
func NewDense(d1, d2 int, a mat.Matrix) (*Gaussian, error) {
	if a == nil {
		return nil, fmt.Errorf("operator: NewDense was given no matrix (it is nil): %w", lr.ErrEmpty)
	}
	m, n := a.Dims()
	if err := checkSizes(d1, d2, m); err != nil {
		return nil, err
	}
	if n != d1*d2 {
		return nil, fmt.Errorf("operator: the matrix has %d columns; d1·d2 = %d·%d = %d are wanted: %w", n, d1, d2, d1*d2, lr.ErrShape)
	}
	g := &Gaussian{d1: d1, d2: d2, m: m, a: make([]float64, m*n)}
	for i := range m {
		row := g.row(i)
		for j := range row {
			v := a.At(i, j)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("operator: entry (%d, %d) is %v; sensing matrices must be finite: %w", i, j, v, lr.ErrValue)
			}
			row[j] = v
		}
	}
	return g, nil
}

// maxNumbers bounds what a dense map may store: 1 TiB. Far above it the runtime
// would panic.
const maxNumbers = 1 << 37

func checkSizes(d1, d2, m int) error {
	if err := checkShape(d1, d2); err != nil {
		return err
	}
	if m < 1 {
		return fmt.Errorf("operator: m = %d measurements; at least 1 is wanted: %w", m, lr.ErrEmpty)
	}
	if n := float64(d1) * float64(d2) * float64(m); n > maxNumbers || n > math.MaxInt/8 {
		return fmt.Errorf("operator: %d × %d×%d are %.2g numbers; at most %.2g are accepted: %w", m, d1, d2, n, min(maxNumbers, math.MaxInt/8.0), lr.ErrValue)
	}
	return nil
}

func checkShape(d1, d2 int) error {
	if d1 < 1 || d2 < 1 {
		return fmt.Errorf("operator: the shape is %d×%d; both sizes must be at least 1: %w", d1, d2, lr.ErrShape)
	}
	return nil
}

func (g *Gaussian) row(i int) []float64 {
	n := g.d1 * g.d2
	return g.a[i*n : (i+1)*n : (i+1)*n]
}

// Dims returns the shape of matrices and the number of measurements.
func (g *Gaussian) Dims() (d1, d2, m int) { return g.d1, g.d2, g.m }

// Matrix returns a copy of Aᵢ, i counted from 0.
func (g *Gaussian) Matrix(i int) *mat.Dense {
	return mat.NewDense(g.d1, g.d2, append([]float64(nil), g.row(i)...))
}

func (g *Gaussian) String() string {
	return fmt.Sprintf("Gaussian(%d measurements of %d×%d)", g.m, g.d1, g.d2)
}

// NewEval returns a workspace: d1·d2 numbers for M, for 𝒜*(w), and for each of
// at most 32 partial sums of it.
func (g *Gaussian) NewEval() lr.OperatorEval {
	n := g.d1 * g.d2
	e := &gaussianEval{
		op: g, m: make([]float64, n), adj: make([]float64, n),
		rowBlocks: par.Blocks(g.m, max(8, 1<<17/n), max(2, min(32, 1<<22/n))),
	}
	e.part = make([]float64, e.rowBlocks*n)
	e.apply = par.New(e.applyBlock)
	e.both = par.New(e.bothBlock)
	e.adjoint = par.New(e.adjointBlock)
	return e
}

// gaussianEval cuts the rows of A into fixed blocks. Each block has a partial
// sum of 𝒜*; they are added in block order.
type gaussianEval struct {
	op        *Gaussian
	m, adj    []float64 // vec(M) and vec(𝒜*(w))
	part      []float64 // partial sums of 𝒜*(w), one of length d1·d2 a block
	thin      []float64 // transposed thin matrices
	rowBlocks int

	dst, b, w            []float64 // of the call under way
	apply, both, adjoint *par.Loop
}

func (e *gaussianEval) Apply(dst []float64, x, y *mat.Dense, b []float64) {
	e.begin(dst, x, y, b)
	e.apply.Run(e.rowBlocks)
}

func (e *gaussianEval) ApplyAdjoint(dst []float64, x, y *mat.Dense, b []float64) {
	e.begin(dst, x, y, b)
	e.both.Run(e.rowBlocks)
	e.reduce()
}

func (e *gaussianEval) Adjoint(w []float64) {
	checkLen("w", len(w), e.op.m)
	e.w = w
	e.adjoint.Run(e.rowBlocks)
	e.reduce()
}

func (e *gaussianEval) begin(dst []float64, x, y *mat.Dense, b []float64) {
	checkLen("dst", len(dst), e.op.m)
	if b != nil {
		checkLen("b", len(b), e.op.m)
	}
	checkThin(x, y, e.op.d1, e.op.d2)
	e.dst, e.b = dst, b
	e.form(x, y)
}

// form sets m = vec(XYᵀ), one row of M at a time from the rows of Yᵀ.
func (e *gaussianEval) form(x, y *mat.Dense) {
	d2 := e.op.d2
	yt := e.transposed(y)
	for i := range e.op.d1 {
		row := e.m[i*d2 : (i+1)*d2]
		clear(row)
		combine(row, x.RawRowView(i), yt)
	}
}

// combine adds Σ_k c[k]·a_k to y for the rows a_k of a, each as long as y.
func combine(y, c, a []float64) {
	n := len(y)
	k := 0
	for ; k+4 <= len(c); k += 4 {
		loops.AddScaled4(y, (*[4]float64)(c[k:k+4]), a[k*n:], n)
	}
	for ; k < len(c); k++ {
		loops.AddScaled(y, c[k], a[k*n:(k+1)*n])
	}
}

// transposed copies zᵀ, by rows, to scratch.
func (e *gaussianEval) transposed(z *mat.Dense) []float64 {
	d, k := z.Dims()
	t := e.scratch(d * k)
	for i := range d {
		for j, v := range z.RawRowView(i) {
			t[j*d+i] = v
		}
	}
	return t
}

func (e *gaussianEval) scratch(n int) []float64 {
	if cap(e.thin) < n {
		e.thin = make([]float64, n)
	}
	return e.thin[:n]
}

// residual sets dst[i] = ⟨Aᵢ, M⟩ − bᵢ for the rows [i, i+4) below hi.
func (e *gaussianEval) residual(r *[4]float64, i, hi int) int {
	n := len(e.m)
	count := min(4, hi-i)
	if count == 4 {
		loops.Dot4(r, e.op.a[i*n:], n, e.m)
	} else {
		for k := range count {
			r[k] = loops.Dot(e.op.row(i+k), e.m)
		}
	}
	for k := range count {
		if e.b != nil {
			r[k] -= e.b[i+k]
		}
		e.dst[i+k] = r[k]
	}
	return count
}

// bounds are the rows of a block; all but the last have a multiple of four, as
// many as the loops take at once.
func (e *gaussianEval) bounds(block int) (lo, hi int) {
	lo, hi = par.Bounds((e.op.m+3)/4, e.rowBlocks, block)
	return 4 * lo, min(4*hi, e.op.m)
}

func (e *gaussianEval) applyBlock(block int) {
	lo, hi := e.bounds(block)
	var r [4]float64
	for i := lo; i < hi; {
		i += e.residual(&r, i, hi)
	}
}

func (e *gaussianEval) bothBlock(block int) {
	lo, hi := e.bounds(block)
	part := e.partial(block)
	var r [4]float64
	for i := lo; i < hi; {
		count := e.residual(&r, i, hi)
		e.accumulate(part, r[:count], i)
		i += count
	}
}

func (e *gaussianEval) adjointBlock(block int) {
	lo, hi := e.bounds(block)
	part := e.partial(block)
	for i := lo; i < hi; i += 4 {
		e.accumulate(part, e.w[i:min(i+4, hi)], i)
	}
}

func (e *gaussianEval) partial(block int) []float64 {
	n := len(e.m)
	part := e.part[block*n : (block+1)*n]
	clear(part)
	return part
}

// accumulate adds Σ_k w[k]·A_{i+k} to part while those rows are in cache.
func (e *gaussianEval) accumulate(part, w []float64, i int) {
	n := len(part)
	combine(part, w, e.op.a[i*n:(i+len(w))*n])
}

// reduce adds the partial sums in block order.
func (e *gaussianEval) reduce() {
	n := len(e.adj)
	copy(e.adj, e.part[:n])
	for b := 1; b < e.rowBlocks; b++ {
		loops.AddScaled(e.adj, 1, e.part[b*n:(b+1)*n])
	}
}

func (e *gaussianEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	checkMul(dst, z, trans, e.op.d1, e.op.d2)
	if trans {
		e.mulTrans(dst, c, z)
		return
	}
	d2 := e.op.d2
	zt := e.transposed(z)
	for i := range e.op.d1 {
		row := e.adj[i*d2 : (i+1)*d2]
		out := dst.RawRowView(i)
		for k := range out {
			setScaled(&out[k], c, loops.Dot(row, zt[k*d2:(k+1)*d2]))
		}
	}
}

// mulTrans gathers Gᵀz column by column: the k-th is Σᵢ z_ik G_i.
func (e *gaussianEval) mulTrans(dst *mat.Dense, c float64, z *mat.Dense) {
	d1, d2 := e.op.d1, e.op.d2
	_, k := z.Dims()
	all := e.scratch(d1 + d2)
	coef, sum := all[:d1], all[d1:]
	for col := range k {
		for i := range d1 {
			coef[i] = z.RawRowView(i)[col]
		}
		clear(sum)
		combine(sum, coef, e.adj)
		for j, v := range sum {
			setScaled(&dst.RawRowView(j)[col], c, v)
		}
	}
}

// setScaled sets *p = c·*p + v; a c of 0 ignores *p, also when it is NaN.
func setScaled(p *float64, c, v float64) {
	if c != 0 {
		v += float64(c * *p)
	}
	*p = v
}
