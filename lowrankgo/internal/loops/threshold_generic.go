package loops

import (
	"math"
	"unsafe"
)

func thresholdGo(dst, d *float64, n int, u *float64, k int, vt *float64, stride int, zeta float64) (sum float64, kept int) {
	out, data, coef := unsafe.Slice(dst, n), unsafe.Slice(d, n), unsafe.Slice(u, k)
	for j, x := range data {
		var l float64
		for m, c := range coef {
			l += float64(c * *(*float64)(unsafe.Add(unsafe.Pointer(vt), 8*(m*stride+j))))
		}
		e := x - l
		if math.Abs(e) <= zeta { // not for NaN
			out[j] = x
			sum += float64(e * e)
			kept++
		} else {
			out[j] = l
		}
	}
	return sum, kept
}
