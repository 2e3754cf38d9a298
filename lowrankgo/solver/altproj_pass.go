package solver

import (
	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

const (
	stripWidth = 256 // columns of a tile: four of its rows and those of Vᵀ stay in the first-level cache
	stripRows  = 32  // rows over which a tile's columns stay there
)

// sieve reads a d1×d2 matrix D once and separates it, tile by tile, at a
// low-rank matrix L and a threshold ζ,
//
//	R_ij = D_ij  where |D_ij − L_ij| ≤ ζ,   L_ij elsewhere
//
// elsewhere also where D_ij is NaN: R = D − S for the S = T_ζ(D − L) of hard
// thresholding, under which a missing entry counts as an outlier whose place is
// known. It multiplies R by thin matrices on its way; neither R, S nor L is ever
// stored.
//
// With k columns in the thin matrices and r in the factors a pass costs
// (2r + 4k)d1·d2 flops. It allocates nothing. Rows are shared out in fixed
// blocks, each with k·d2 numbers of its own, at most an eighth of D together.
type sieve struct {
	data   mat.Matrix
	stored tiles.Rows // the data, where they have rows in memory, else nil
	d1, d2 int
	blocks []sieveBlock
	loop   *par.Loop

	// What the pass is to do.
	r    int       // columns of L's factors
	us   []float64 // U, by rows: u_i = us[i·r : (i+1)·r]
	vt   []float64 // Vᵀ, by rows of d2
	zeta float64
	k    int       // columns of the products
	z    []float64 // Zᵀ, k rows of d2
	w    []float64 // Wᵀ, k rows of d1; nil for W = RZ
	rz   []float64 // becomes (RZ)ᵀ, k rows of d1
	rtw  []float64 // becomes (RᵀW)ᵀ, k rows of d2

	// What it finds.
	sum  float64 // Σ (D − L)² where R = D
	kept int     // how many entries that are
}

// sieveBlock is what a block of rows needs and leaves behind.
type sieveBlock struct {
	rtw   []float64 // its part of (RᵀW)ᵀ
	strip []float64 // four rows of R, or of a tile of it
	buf   []float64 // for rows that data compute
	sum   float64
	kept  int
	_     [128]byte // neighbours are written to by other threads
}

// newSieve returns a sieve of data for products with at most k columns.
func newSieve(data mat.Matrix, k int) *sieve {
	s := &sieve{data: data}
	s.d1, s.d2 = data.Dims()
	s.stored, _ = data.(tiles.Rows)
	s.blocks = make([]sieveBlock, par.Blocks(s.d1, max(stripRows, 8*k), 64))
	for b := range s.blocks {
		s.blocks[b] = sieveBlock{
			rtw: make([]float64, k*s.d2), strip: make([]float64, 4*s.d2), buf: make([]float64, min(s.d2, stripWidth)),
		}
	}
	s.loop = par.New(s.block)
	return s
}

// at sets the low-rank matrix, by rows of U and of Vᵀ, and the threshold.
func (s *sieve) at(r int, us, vt []float64, zeta float64) {
	s.r, s.us, s.vt, s.zeta = r, us, vt, zeta
}

// pass reads the data and sets rz and rtw, k columns each: RZ and RᵀW, or RᵀRZ
// for a nil w.
func (s *sieve) pass(k int, z, w, rz, rtw []float64) {
	s.k, s.z, s.w, s.rz, s.rtw = k, z, w, rz, rtw
	s.loop.Run(len(s.blocks))
	s.sum, s.kept = 0, 0
	clear(rtw[:k*s.d2])
	for b := range s.blocks {
		s.sum += s.blocks[b].sum
		s.kept += s.blocks[b].kept
		loops.AddScaled(rtw, 1, s.blocks[b].rtw[:k*s.d2])
	}
}

func (s *sieve) block(b int) {
	part := &s.blocks[b]
	part.sum, part.kept = 0, 0
	clear(part.rtw[:s.k*s.d2])
	lo, hi := par.Bounds(s.d1, len(s.blocks), b)
	for m := range s.k {
		clear(s.rz[m*s.d1+lo : m*s.d1+hi])
	}
	for i := lo; i < hi; i += stripRows {
		if s.w == nil {
			s.squared(part, i, min(i+stripRows, hi))
		} else {
			s.both(part, i, min(i+stripRows, hi))
		}
	}
}

// both adds rows lo … hi−1 to RZ and RᵀW, a tile at a time.
func (s *sieve) both(part *sieveBlock, lo, hi int) {
	for j := 0; j < s.d2; j += stripWidth {
		width := min(stripWidth, s.d2-j)
		for i := lo; i < hi; i += 4 {
			s.separate(part, part.strip, width, i, min(i+4, hi), j)
			s.rows(part, width, width, 0, i, min(i+4, hi), j)
			s.columns(part, s.w, width, width, 0, i, min(i+4, hi), j)
		}
	}
}

// squared adds rows lo … hi−1 to RZ and RᵀRZ, four whole rows at a time: the
// second needs the first.
func (s *sieve) squared(part *sieveBlock, lo, hi int) {
	for i := lo; i < hi; i += 4 {
		top := min(i+4, hi)
		for j := 0; j < s.d2; j += stripWidth {
			width := min(stripWidth, s.d2-j)
			s.separate(part, part.strip[j:], s.d2, i, top, j)
			s.rows(part, s.d2, width, j, i, top, j)
		}
		for j := 0; j < s.d2; j += stripWidth {
			s.columns(part, s.rz, s.d2, min(stripWidth, s.d2-j), j, i, top, j)
		}
	}
}

// separate sets four rows of strip, stride apart, to those of R from column j
// on: rows lo … hi−1, and 0 for what is missing of four.
func (s *sieve) separate(part *sieveBlock, strip []float64, stride, lo, hi, j int) {
	width := min(stripWidth, s.d2-j)
	for m := range 4 {
		dst := strip[m*stride : m*stride+width]
		i := lo + m
		if i >= hi {
			clear(dst)
			continue
		}
		s.expect(i+4, j, width)
		d := tiles.Row(s.data, part.buf, i, j, j+width)
		sum, kept := loops.Threshold(dst, d, s.us[i*s.r:(i+1)*s.r], s.vt[j:], s.d2, s.zeta)
		part.sum += sum
		part.kept += kept
	}
}

// expect has entries of row i, if there is one, brought nearer: tiles jump from
// row to row faster than the CPU sees where to.
func (s *sieve) expect(i, j, width int) {
	if s.stored != nil && i < s.d1 {
		loops.Prefetch(s.stored.RawRowView(i)[j : j+width])
	}
}

// rows adds the strip from its column at on, which is column j of R, to RZ.
func (s *sieve) rows(part *sieveBlock, stride, width, at, lo, hi, j int) {
	var four [4]float64
	for m := range s.k {
		loops.Dot4(&four, part.strip[at:], stride, s.z[m*s.d2+j:m*s.d2+j+width])
		out := s.rz[m*s.d1+lo : m*s.d1+hi]
		for i := range out {
			out[i] += four[i]
		}
	}
}

// columns adds it to RᵀW.
func (s *sieve) columns(part *sieveBlock, w []float64, stride, width, at, lo, hi, j int) {
	for m := range s.k {
		var four [4]float64
		copy(four[:], w[m*s.d1+lo:m*s.d1+hi])
		loops.AddScaled4(part.rtw[m*s.d2+j:m*s.d2+j+width], &four, part.strip[at:], stride)
	}
}

// outliers returns S = D − R of the observed entries, in one pass.
func (s *sieve) outliers() *lr.Sparse {
	return sparseByRows(s.d1, s.d2, func() func([]float64, int) {
		buf := make([]float64, s.d2)
		return func(dst []float64, i int) {
			d := tiles.Row(s.data, buf, i, 0, s.d2)
			loops.Threshold(dst, d, s.us[i*s.r:(i+1)*s.r], s.vt, s.d2, s.zeta)
			for j, v := range d {
				dst[j] = v - dst[j]
			}
		}
	})
}
