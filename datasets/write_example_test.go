package datasets_test

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/lowrankgo/lowrank/datasets"
	"gonum.org/v1/gonum/mat"
)

func ExampleSaveNpz() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	u := mat.NewDense(2, 1, []float64{1, 2})
	v := mat.NewDense(3, 1, []float64{3, 4, 5})
	err = datasets.SaveNpz(dir+"/factors.npz", datasets.NamedArray{Name: "U", Data: u}, datasets.NamedArray{Name: "V", Data: v})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := datasets.Open(dir+"/factors.npz", &datasets.OpenOptions{Variable: "V"})
	fmt.Println(d, err)
	// Output: factors.npz: 3 of 3×1 entries <nil>
}

func ExampleWriteNpy() {
	var file bytes.Buffer
	if err := datasets.WriteNpy(&file, []int{3, 1, 2}); err != nil {
		fmt.Println(err)
		return
	}
	d, err := datasets.Read(&file, "counts.npy", nil)
	fmt.Println(d, err)
	// Output: counts.npy: 3 of 3×1 entries <nil>
}

func ExampleWriteNpz() {
	var file bytes.Buffer
	err := datasets.WriteNpz(&file, datasets.NamedArray{Name: "row", Data: []int{0, 2}}, datasets.NamedArray{Name: "value", Data: []float64{0.5, -1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = datasets.Read(&file, "sparse.npz", nil)
	fmt.Println(err)
	// Output: datasets: sparse.npz: it holds 2 arrays: row, value; set Variable to one of them: value out of range
}

// A film of three frames, in which a light goes to the right, is written and
// read as images.
func ExampleFilm_WriteImages() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	film := &datasets.Film{Height: 2, Width: 3, Frames: 3, Frame: func(dst []float64, k int) {
		clear(dst)
		dst[k] = 255
	}}
	names, err := film.WriteImages(context.Background(), dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := datasets.Open(dir, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := d.Matrix()
	fmt.Println(names, err)
	fmt.Println(mat.Formatted(m))
	// Output:
	// [frame_0001.png frame_0002.png frame_0003.png] <nil>
	// ⎡255    0    0⎤
	// ⎢  0  255    0⎥
	// ⎢  0    0  255⎥
	// ⎢  0    0    0⎥
	// ⎢  0    0    0⎥
	// ⎣  0    0    0⎦
}

// An embedded film becomes a video of ten frames a second.
func ExampleData_Film() {
	d, err := datasets.Load("vtest")
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := d.Matrix()
	if err != nil {
		fmt.Println(err)
		return
	}
	film, err := d.Film(m)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(film.Frames, film.Height, film.Width)
	film.Rate = 10
	// film.WriteVideo(ctx, "street.mp4") needs ffmpeg.
	// Output: 100 120 160
}

// Every third frame of a video, 320 pixels wide. It needs ffmpeg; without, the
// error says how to get it.
func ExampleOpenVideo() {
	d, err := datasets.OpenVideo(context.Background(), "street.mp4", &datasets.VideoOptions{Width: 320, Every: 3, Frames: 200})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d, d.Height, d.Width)
}
