//go:build !amd64

package loops

func gatherDot(dst, b, x *float64, k int, y *float64, stride int, idx *int32, n int) {
	gatherDotGo(dst, b, x, k, y, stride, idx, n)
}

func gatherAddScaled(out *float64, k int, w, z *float64, stride int, idx *int32, n int) {
	gatherAddScaledGo(out, k, w, z, stride, idx, n)
}

func scatterAddScaled(y *float64, stride int, idx *int32, n int, w, x *float64, k int) {
	scatterAddScaledGo(y, stride, idx, n, w, x, k)
}
