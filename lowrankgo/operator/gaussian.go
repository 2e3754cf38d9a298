package operator

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

// Gaussian is the map of m dense sensing matrices,
//
//	𝒜(M)ᵢ = ⟨Aᵢ, M⟩,  i = 1 … m
//
// drawn by [GaussianEnsemble] or given by the user ([NewDense]). It stores
// m·d1·d2 numbers of 8 bytes, or nothing when matrix-free. Applying 𝒜, 𝒜*, or
// one after the other, reads (or draws) them once: 2, 2 or 4 flops a number,
// and 2·d1·d2·k to bring factors of k columns in and out. Terms cost the same
// for the measurements taken alone.
type Gaussian struct {
	d1, d2, m int
	a         []float64 // row i is Aᵢ, row-major; nil when matrix-free
	kind      string    // for String
	seed      uint64
	symmetric bool
}

// GaussianEnsemble draws the sensing matrices of a [Gaussian]. Their entries
// are independent N(0, 1) numbers, not normalised, so that the mean of
// 𝒜*𝒜/m is the identity; with m ≥ C·r(d1+d2)/δ² of them it has (r,δ)-RIP with
// high probability (Candès and Plan 2011, arXiv:1001.0339). When Symmetric,
//
//	Aᵢ = (Gᵢ + Gᵢᵀ)/2
//
// with Gᵢ the matrix that the same seed gives otherwise: variance 1 on the
// diagonal and ½ beside it (the Gaussian orthogonal ensemble). ⟨Aᵢ, M⟩ is then
// ⟨Gᵢ, M⟩ for every symmetric M, on which the mean of 𝒜*𝒜/m is the identity
// again, and 𝒜*(w) is symmetric.
//
// Each matrix has its own random stream, a counter-mode cipher (ChaCha8) keyed
// by the seed and i, so that the first matrices are the same for every m and
// that each can be drawn again at any time. MatrixFree does so instead of
// storing them: m·d1·d2 may exceed memory, and every result has the same bits
// as the stored map's. One number takes about 10 ns of one core to draw, where
// reading it takes about 1 ns.
type GaussianEnsemble struct {
	D1, D2     int    // shape of the matrices; D2 may be 0 when Symmetric
	M          int    // number of measurements
	Seed       uint64 // of the matrices
	Symmetric  bool   // Aᵢ = Aᵢᵀ; the shape must be square
	MatrixFree bool   // draw the matrices whenever they are needed
}

// New draws the map. Sizes below 1, a symmetric shape that is not square, and
// sizes whose product is above 2³⁷ (without M, when MatrixFree) are errors.
func (g GaussianEnsemble) New() (*Gaussian, error) {
	if g.Symmetric && g.D2 == 0 {
		g.D2 = g.D1
	}
	if g.Symmetric && g.D1 != g.D2 {
		return nil, fmt.Errorf("operator: GaussianEnsemble is Symmetric but has shape %d×%d; D1 = D2 is wanted, or D2 = 0: %w", g.D1, g.D2, lr.ErrShape)
	}
	stored := g.M
	if g.MatrixFree && g.M > 0 {
		stored = 1
	}
	if err := checkSizes(g.D1, g.D2, stored); err != nil {
		if !g.MatrixFree && g.D1 > 0 && g.D2 > 0 && g.M > 0 {
			err = fmt.Errorf("%w (GaussianEnsemble{MatrixFree: true} does not store them)", err)
		}
		return nil, err
	}
	op := &Gaussian{d1: g.D1, d2: g.D2, m: g.M, kind: "Gaussian", seed: g.Seed, symmetric: g.Symmetric}
	if !g.MatrixFree {
		op.a = make([]float64, g.M*g.D1*g.D2)
		blocks := min(g.M, 64)
		par.New(func(b int) {
			rng := newSeries(op.seed, gaussianStream)
			lo, hi := par.Bounds(op.m, blocks, b)
			for i := lo; i < hi; i++ {
				op.draw(op.row(i), rng, i)
			}
		}).Run(blocks)
	}
	return op, nil
}

// NewGaussian draws m sensing matrices of shape d1×d2 from seed and stores
// them: GaussianEnsemble{D1: d1, D2: d2, M: m, Seed: seed}.New().
func NewGaussian(d1, d2, m int, seed uint64) (*Gaussian, error) {
	return GaussianEnsemble{D1: d1, D2: d2, M: m, Seed: seed}.New()
}

// NewDense makes a Gaussian's map from the user's numbers: row i of a, of
// length d1·d2, is Aᵢ in row-major order. The numbers are copied. Wrong
// shapes and values that are not finite are errors.
func NewDense(d1, d2 int, a mat.Matrix) (*Gaussian, error) {
	if noMatrix(a) {
		return nil, fmt.Errorf("operator: NewDense was given no matrix (it is nil): %w", lr.ErrEmpty)
	}
	m, n := a.Dims()
	if err := checkSizes(d1, d2, m); err != nil {
		return nil, err
	}
	if n != d1*d2 {
		return nil, fmt.Errorf("operator: the matrix has %d columns; d1·d2 = %d·%d = %d are wanted: %w", n, d1, d2, d1*d2, lr.ErrShape)
	}
	data, err := copyFinite("the sensing matrices", a)
	if err != nil {
		return nil, err
	}
	return &Gaussian{d1: d1, d2: d2, m: m, a: data, kind: "Dense"}, nil
}

// gaussianStream names the random streams of the matrices.
const gaussianStream = "sensing matrix"

// draw makes Aᵢ in row.
func (g *Gaussian) draw(row []float64, rng *series, i int) {
	normals := rng.at(uint64(i))
	for j := range row {
		row[j] = normals.NormFloat64()
	}
	if !g.symmetric {
		return
	}
	d := g.d1
	for i := range d {
		for j := range i {
			v := (row[i*d+j] + row[j*d+i]) / 2
			row[i*d+j], row[j*d+i] = v, v
		}
	}
}

// row is where Aᵢ is stored.
func (g *Gaussian) row(i int) []float64 {
	n := g.d1 * g.d2
	return g.a[i*n : (i+1)*n : (i+1)*n]
}

// Dims returns the shape of matrices and the number of measurements.
func (g *Gaussian) Dims() (d1, d2, m int) { return g.d1, g.d2, g.m }

// Matrix returns a copy of Aᵢ, i counted from 0.
func (g *Gaussian) Matrix(i int) *mat.Dense {
	a := mat.NewDense(g.d1, g.d2, nil)
	if g.a == nil {
		g.draw(a.RawMatrix().Data, newSeries(g.seed, gaussianStream), i)
	} else {
		copy(a.RawMatrix().Data, g.row(i))
	}
	return a
}

// Bytes returns how much memory the matrices take: 8·m·d1·d2, or 0 when they
// are not stored.
func (g *Gaussian) Bytes() int { return 8 * len(g.a) }

func (g *Gaussian) String() string {
	s := "measurements"
	if g.symmetric {
		s = "symmetric measurements"
	}
	if g.a == nil {
		s = "matrix-free " + s
	}
	return fmt.Sprintf("%s(%d %s of %d×%d)", g.kind, g.m, s, g.d1, g.d2)
}
