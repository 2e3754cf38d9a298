package loops

import "unsafe"

// row is the row that starts j·stride values after y.
func row(y *float64, j int32, stride, k int) []float64 {
	return unsafe.Slice((*float64)(unsafe.Add(unsafe.Pointer(y), 8*int(j)*stride)), k)
}

func gatherDotGo(dst, b, x *float64, k int, y *float64, stride int, idx *int32, n int) {
	xs, out := unsafe.Slice(x, k), unsafe.Slice(dst, n)
	for e, j := range unsafe.Slice(idx, n) {
		out[e] = dotSlices(xs, row(y, j, stride, k))
	}
	if b == nil {
		return
	}
	for e, v := range unsafe.Slice(b, n) {
		out[e] -= v
	}
}

func gatherAddScaledGo(out *float64, k int, w, z *float64, stride int, idx *int32, n int) {
	sum, weights := unsafe.Slice(out, k), unsafe.Slice(w, n)
	for e, j := range unsafe.Slice(idx, n) {
		c, r := weights[e], row(z, j, stride, k)
		for l := range sum {
			sum[l] += float64(c * r[l])
		}
	}
}

func scatterAddScaledGo(y *float64, stride int, idx *int32, n int, w, x *float64, k int) {
	xs, weights := unsafe.Slice(x, k), unsafe.Slice(w, n)
	for e, j := range unsafe.Slice(idx, n) {
		c, r := weights[e], row(y, j, stride, k)
		for l, v := range xs {
			r[l] += float64(c * v)
		}
	}
}
