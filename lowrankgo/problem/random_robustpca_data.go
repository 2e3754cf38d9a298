package problem

import (
	"math"
	"slices"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
	"gonum.org/v1/gonum/mat"
)

// corrupted is the matrix M* + S* + noise, NaN where it is not observed. It
// computes its entries, each from its place alone: an entry has the same bits
// by row, by column and by itself.
type corrupted struct {
	truth     *lr.Factors
	d1, d2    int
	ut, vt    []float64 // U*ᵀ and V*ᵀ, row by row
	symmetric bool

	outliers, size  float64 // their share, and how large they are
	spread          bool    // uniform in [−size, size] instead of ± size
	regular         [][]int32
	noise, observed float64

	lines []uint64 // of outliers: what the hash makes of each row
	below uint64   // and what 53 bits of an outlier's are below; 0 for none by place

	atSize, atNoise, atSeen uint64 // keys of the hash
}

func newCorrupted(truth *lr.Factors, seed uint64) *corrupted {
	d1, d2 := truth.Dims()
	m := &corrupted{truth: truth, d1: d1, d2: d2, lines: make([]uint64, d1), ut: make([]float64, d1*truth.Rank()), vt: make([]float64, d2*truth.Rank())}
	tiles.Transposed(m.ut, truth.U)
	tiles.Transposed(m.vt, truth.Right())
	key := func(name string) uint64 { return lr.Stream(seed, name).Uint64() }
	m.atSize, m.atNoise, m.atSeen = key("outlier sizes"), key("noise"), key("observed")
	return m
}

// drawUniform places outliers independently.
func (m *corrupted) drawUniform(seed uint64) {
	key := lr.Stream(seed, "outliers").Uint64()
	for i := range m.lines {
		m.lines[i] = mix(key + golden*uint64(i))
	}
	m.below = uint64(math.Ceil(m.outliers * 0x1p53))
}

// Dims returns the shape.
func (m *corrupted) Dims() (d1, d2 int) { return m.d1, m.d2 }

// T returns the transpose, which reads entries one by one.
func (m *corrupted) T() mat.Matrix { return mat.Transpose{Matrix: m} }

// At computes one entry.
func (m *corrupted) At(i, j int) float64 {
	v := []float64{0}
	m.ReadRow(v, i, j)
	return v[0]
}

// ReadRow computes a part of row i.
func (m *corrupted) ReadRow(dst []float64, i, j0 int) {
	clear(dst)
	tiles.Subtract(dst, m.truth.U.RawRowView(i), m.vt[j0:], m.d2)
	for k, v := range dst {
		dst[k] = m.disturbed(-v, i, j0+k)
	}
}

// ReadCol computes a part of column j.
func (m *corrupted) ReadCol(dst []float64, j, i0 int) {
	clear(dst)
	tiles.Subtract(dst, m.truth.Right().RawRowView(j), m.ut[i0:], m.d1)
	for k, v := range dst {
		dst[k] = m.disturbed(-v, i0+k, j)
	}
}

// disturbed is what is seen of the entry v of M*.
func (m *corrupted) disturbed(v float64, i, j int) float64 {
	if !m.seen(i, j) {
		return math.NaN()
	}
	if m.hit(i, j) {
		v += m.outlier(i, j)
	}
	if m.noise > 0 {
		h := m.hash(m.atNoise, i, j)
		radius := math.Sqrt(-2 * math.Log(1-uniform(h))) // 1 − [0, 1) is not 0
		v += float64(m.noise * float64(radius*math.Cos(2*math.Pi*uniform(mix(h+golden)))))
	}
	return v
}

// seen reports whether entry (i, j) is observed.
func (m *corrupted) seen(i, j int) bool {
	return m.observed == 1 || uniform(m.hash(m.atSeen, i, j)) < m.observed
}

// hit reports whether entry (i, j) of S* is not 0, by its place alone: never
// where outliers are counted by rows and columns, which store adds.
func (m *corrupted) hit(i, j int) bool {
	if m.symmetric && j < i {
		i, j = j, i
	}
	return mix(m.lines[i]+golden*uint64(j))>>11 < m.below
}

// outlier is entry (i, j) of S*, if it is wrong.
func (m *corrupted) outlier(i, j int) float64 {
	h := m.hash(m.atSize, i, j)
	switch {
	case m.spread:
		return float64(m.size * (2*uniform(h) - 1))
	case h>>63 == 0:
		return m.size
	}
	return -m.size
}

// hash is a random number of the purpose that key names, for one place.
func (m *corrupted) hash(key uint64, i, j int) uint64 {
	if m.symmetric && j < i {
		i, j = j, i
	}
	return mix(mix(key+golden*uint64(i)) + golden*uint64(j))
}

const golden = 0x9e3779b97f4a7c15 // 2⁶⁴ over the golden ratio

// mix spreads the bits of h: the finaliser of SplitMix64 (Steele, Lea, Flood
// 2014).
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// uniform is a number in [0, 1) of the highest 53 bits of h.
func uniform(h uint64) float64 { return float64(h>>11) * 0x1p-53 }

// drawRegular places outliers along diagonals of a matrix whose rows and columns
// are shuffled: row a has the columns a + s, which go round, for the same random
// s in all rows. So a row has as many as it may, and of those that would be
// above what a line may have, where d1 ≠ d2 or entries are missing, the last
// are left out.
func (m *corrupted) drawRegular(seed uint64) {
	rng := lr.Stream(seed, "outlier places")
	set := lr.SparseSet{Alpha: m.outliers}
	rows, cols := rng.Perm(m.d1), rng.Perm(m.d2)
	most := set.Most(m.d2)
	shifts := sample(rng, m.d2, most)
	if m.symmetric {
		cols = rows
		shifts = shifts[:0]
		for _, s := range sample(rng, (m.d2-1)/2, min(most/2, (m.d2-1)/2)) {
			shifts = append(shifts, s+1, m.d2-s-1)
		}
		if most%2 == 1 {
			shifts = append(shifts, 0)
		}
	}
	m.regular = make([][]int32, m.d1)
	inRow, inCol := m.room(set)
	for a, i := range rows {
		for _, s := range shifts {
			m.place(i, cols[(a+s)%m.d2], inRow, inCol)
		}
	}
	for _, row := range m.regular {
		slices.Sort(row)
	}
}

// room is how many outliers each row and each column may have.
func (m *corrupted) room(set lr.SparseSet) (inRow, inCol []int) {
	inRow, inCol = make([]int, m.d1), make([]int, m.d2)
	for i := range inRow {
		for j := range inCol {
			if m.seen(i, j) {
				inRow[i]++
				inCol[j]++
			}
		}
	}
	for i, n := range inRow {
		inRow[i] = set.Most(n)
	}
	for j, n := range inCol {
		inCol[j] = set.Most(n)
	}
	return inRow, inCol
}

// place makes entry (i, j) an outlier, and (j, i) when symmetric, if it is
// observed and there is room in both lines.
func (m *corrupted) place(i, j int, inRow, inCol []int) {
	if m.symmetric && j < i { // with (j, i)
		return
	}
	if inRow[i] < 1 || inCol[j] < 1 || !m.seen(i, j) {
		return
	}
	m.put(i, j, inRow, inCol)
	if m.symmetric && i != j {
		m.put(j, i, inRow, inCol)
	}
}

func (m *corrupted) put(i, j int, inRow, inCol []int) {
	m.regular[i] = append(m.regular[i], int32(j))
	inRow[i]--
	inCol[j]--
}
