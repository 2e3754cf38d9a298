package linalg

import "gonum.org/v1/gonum/mat"

// Identity returns the d×d identity matrix.
func Identity(d int) *mat.Dense {
	eye := mat.NewDense(d, d, nil)
	for i := range d {
		eye.Set(i, i, 1)
	}
	return eye
}

// Symmetrise sets a = ½(a + aᵀ), which leaves a symmetric a as it is.
func Symmetrise(a *mat.Dense) {
	for i := range a.RawMatrix().Rows {
		for j := range i {
			v := a.At(i, j)/2 + a.At(j, i)/2
			a.Set(i, j, v)
			a.Set(j, i, v)
		}
	}
}

// ScaleColumn multiplies column k of a by c.
func ScaleColumn(a *mat.Dense, k int, c float64) {
	for i := range a.RawMatrix().Rows {
		a.RawRowView(i)[k] *= c
	}
}

// Dot is ⟨A, B⟩, row by row: both may be parts of larger matrices.
func Dot(a, b *mat.Dense) float64 {
	var s float64
	for i := range a.RawMatrix().Rows {
		br := b.RawRowView(i)
		for k, v := range a.RawRowView(i) {
			s += float64(v * br[k])
		}
	}
	return s
}

// AddProduct adds c·A·B to dst, A d×r and B r×r.
func AddProduct(dst *mat.Dense, c float64, a, b *mat.Dense) {
	for row := range a.RawMatrix().Rows {
		out := dst.RawRowView(row)
		for i, v := range a.RawRowView(row) {
			for j, w := range b.RawRowView(i) {
				out[j] += float64(c * float64(v*w))
			}
		}
	}
}
