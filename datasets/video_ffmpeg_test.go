//go:build ffmpeg

package datasets

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// These tests run ffmpeg itself: go test -tags ffmpeg ./datasets

// ffmpeg runs the program to make a file.
func ffmpeg(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.Command("ffmpeg", append([]string{"-nostdin", "-v", "error", "-y"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg %q: %v\n%s", args, err, out)
	}
}

// squares is a film of which frame k has one white square of 8×8 pixels at
// place k, from the upper left, on grey.
func squares(h, w, n int) *Film {
	return &Film{Height: h, Width: w, Frames: n, Frame: func(dst []float64, k int) {
		for p := range dst {
			y, x := p/w/8, p%w/8
			dst[p] = 90
			if y*(w/8)+x == k && x < w/8 {
				dst[p] = 230
			}
		}
	}}
}

// worst is the largest difference of a frame of d from that of a film.
func worst(t *testing.T, d *Data, k int, film *Film, of int) float64 {
	t.Helper()
	want := make([]float64, film.Height*film.Width)
	film.Frame(want, of)
	m, err := d.Matrix()
	if err != nil {
		t.Fatal(err)
	}
	frame, err := d.Frame(m, k)
	if err != nil {
		t.Fatal(err)
	}
	most := 0.0
	for p, v := range want {
		most = max(most, math.Abs(v-frame.At(p/film.Width, p%film.Width)))
	}
	return most
}

// What is written as a video is read as the same film, up to a few greys, in
// any container, at any rate: no frame is dropped or doubled.
func TestVideoRoundTrip(t *testing.T) {
	dir := t.TempDir()
	film := squares(48, 64, 40)
	film.Rate = 12.5
	path := filepath.Join(dir, "film.mp4")
	if err := film.WriteVideo(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	files := map[string][]string{
		"film.mkv": {"-c", "copy"}, "film.avi": {"-c:v", "mpeg4", "-q:v", "2"}, "film.webm": {"-c:v", "libvpx", "-crf", "4", "-b:v", "2M"},
		"film.mov": {"-c:v", "mjpeg", "-q:v", "1"}, "film.y4m": {"-pix_fmt", "yuv420p"}, "film.nut": {"-c:v", "ffv1"},
		"uneven.mkv": {"-vf", "setpts=PTS+N*N*0.01/TB", "-c:v", "ffv1"}, // times between frames that grow
	}
	names := []string{"film.mp4"}
	for name, args := range files {
		args = append([]string{"-i", path}, args...)
		ffmpeg(t, append(args, filepath.Join(dir, name))...)
		names = append(names, name)
	}
	for _, name := range names {
		d, err := Open(filepath.Join(dir, name), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if rows, n := d.Dims(); rows != 48*64 || n != 40 || d.Height != 48 || d.Width != 64 || d.Format != "video" {
			t.Errorf("%s: %d×%d, frames %d×%d, %s", name, rows, n, d.Height, d.Width, d.Format)
			continue
		}
		most := 0.0
		for k := range 40 {
			most = max(most, worst(t, d, k, film, k))
		}
		t.Logf("%s: greys change by %v at most", name, most)
		if most > 8 {
			t.Errorf("%s: greys change by %v", name, most)
		}
	}
}

// Odd sides get a line more, and what is there stays where it is.
func TestVideoOddSides(t *testing.T) {
	film := squares(41, 67, 5)
	path := filepath.Join(t.TempDir(), "film.mp4")
	if err := film.WriteVideo(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	d, err := Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d.Height != 42 || d.Width != 68 {
		t.Errorf("%d×%d", d.Height, d.Width)
	}
	m, _ := d.Matrix()
	if v := m.At(20*68+60, 0); math.Abs(v-90) > 5 {
		t.Errorf("a pixel of the ground is %v, want 90", v)
	}
	if v := m.At(3*68+3, 0); math.Abs(v-230) > 15 {
		t.Errorf("a pixel of the square is %v, want 230", v)
	}
}

func TestVideoChoosesFrames(t *testing.T) {
	film := squares(48, 64, 20)
	path := filepath.Join(t.TempDir(), "film.mp4")
	if err := film.WriteVideo(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		o    VideoOptions
		want []int // frames of the film
	}{
		{VideoOptions{Frames: 3}, []int{0, 1, 2}},
		{VideoOptions{Start: 17}, []int{17, 18, 19}},
		{VideoOptions{Every: 6}, []int{0, 6, 12, 18}},
		{VideoOptions{Start: 5, Every: 4, Frames: 2}, []int{5, 9}},
		{VideoOptions{Start: 5, Every: 40}, []int{5}},
	} {
		d, err := OpenVideo(t.Context(), path, &c.o)
		if err != nil {
			t.Errorf("%+v: %v", c.o, err)
			continue
		}
		if _, n := d.Dims(); n != len(c.want) {
			t.Errorf("%+v: %d frames, want %d", c.o, n, len(c.want))
			continue
		}
		for k, of := range c.want {
			if most := worst(t, d, k, film, of); most > 30 {
				t.Errorf("%+v: frame %d is not frame %d: greys differ by %v", c.o, k, of, most)
			}
		}
	}
	d, err := OpenVideo(t.Context(), path, &VideoOptions{Width: 32})
	if err != nil || d.Height != 24 || d.Width != 32 {
		t.Errorf("Width 32: %v, %v", d, err)
	}
	if _, err := OpenVideo(t.Context(), path, &VideoOptions{Start: 20}); !errors.Is(err, ErrEmpty) {
		t.Errorf("Start 20: %v", err)
	}
}

// Damaged files, and files that are no video, are errors with ffmpeg's words.
func TestVideoDamaged(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.mp4")
	if err := squares(48, 64, 40).WriteVideo(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	mpeg := filepath.Join(dir, "whole.avi")
	ffmpeg(t, "-i", whole, "-c:v", "mjpeg", mpeg)
	ffmpeg(t, "-f", "lavfi", "-i", "sine=duration=0.2", filepath.Join(dir, "sound.mp4"))
	part := func(from, name string, keep float64) {
		b, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b[:int(keep*float64(len(b)))], 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	part(whole, "cut.mp4", 0.6)
	part(mpeg, "cut.avi", 0.55)
	part(whole, "empty.mp4", 0)
	if err := os.WriteFile(filepath.Join(dir, "text.mp4"), []byte("hello\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	playlist := fmt.Sprintf("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n%s\n#EXT-X-ENDLIST\n", whole)
	if err := os.WriteFile(filepath.Join(dir, "list.mp4"), []byte(playlist), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"cut.mp4": "ffmpeg says", "cut.avi": "damaged or cut off", "empty.mp4": "ffmpeg says", "text.mp4": "Invalid data found",
		"sound.mp4": "it has no video stream", "list.mp4": "no frame can be decoded",
	} {
		_, err := Open(filepath.Join(dir, name), nil)
		if !errors.Is(err, ErrFormat) || !strings.Contains(fmt.Sprint(err), want) || strings.Contains(fmt.Sprint(err), dir) {
			t.Errorf("%s: %v", name, err)
		}
	}
	d, err := OpenVideo(t.Context(), filepath.Join(dir, "cut.avi"), &VideoOptions{Damaged: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, n := d.Dims(); n < 5 || n > 30 || !strings.Contains(strings.Join(d.Notes, "\n"), "damaged: ") {
		t.Errorf("%d frames, %q", n, d.Notes)
	}
}
