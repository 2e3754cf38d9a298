package datasets

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Film is a sequence of grey frames to be written as images or as a video.
type Film struct {
	Height, Width int // of a frame, in pixels
	Frames        int // how many

	// Frame sets dst, Height·Width greys row by row from 0 (black) to 255
	// (white), to frame k, counted from 0. Greys are rounded; those outside
	// are cut to the nearest, and NaN is black.
	Frame func(dst []float64, k int)

	Rate   float64 // frames a second of a video; default 25
	FFmpeg string  // the program that encodes a video; default ffmpeg on the PATH
}

// Film returns the film of x, a matrix of d's shape: d's own, or a part that a
// method found in it, of which only entries are read, a frame at a time. Data
// without frames and a matrix of another shape are errors.
func (d *Data) Film(x mat.Matrix) (*Film, error) {
	if _, err := d.Frame(x, 0); err != nil {
		return nil, err
	}
	_, n := d.Dims()
	at := x.At
	if d.frameRows {
		n, _ = d.Dims()
		at = func(p, k int) float64 { return x.At(k, p) }
	}
	return &Film{Height: d.Height, Width: d.Width, Frames: n, Frame: func(dst []float64, k int) {
		for p := range dst {
			dst[p] = at(p, k)
		}
	}}, nil
}

func (f *Film) check() error {
	switch {
	case f.Height < 1 || f.Width < 1 || f.Height > mostPixels || f.Width > mostPixels:
		return fmt.Errorf("datasets: a film has frames of %d×%d pixels; sides from 1 to %d are wanted: %w", f.Height, f.Width, mostPixels, ErrShape)
	case f.Frames < 1:
		return fmt.Errorf("datasets: a film has %d frames; at least one is wanted: %w", f.Frames, ErrEmpty)
	case f.Frame == nil:
		return fmt.Errorf("datasets: a film has no function Frame, which gives its greys: %w", ErrEmpty)
	case !(f.Rate >= 0) || f.Rate > 1000:
		return fmt.Errorf("datasets: a film has Rate = %v; frames a second up to 1000 are wanted, or 0 for 25: %w", f.Rate, ErrValue)
	}
	return nil
}

// each calls write with every frame until ctx ends.
func (f *Film) each(ctx context.Context, write func(k int, greys []byte) error) error {
	frame, greys := make([]float64, f.Height*f.Width), make([]byte, f.Height*f.Width)
	for k := range f.Frames {
		if ctx.Err() != nil {
			return fmt.Errorf("datasets: writing ended after %d of %d frames: %w", k, f.Frames, context.Cause(ctx))
		}
		f.Frame(frame, k)
		for p, v := range frame {
			greys[p] = grey(v)
		}
		if err := write(k, greys); err != nil {
			return err
		}
	}
	return nil
}

// grey rounds v to a byte; NaN is 0.
func grey(v float64) byte {
	if !(v > 0) {
		return 0
	}
	return byte(math.RoundToEven(min(v, 255)))
}

// WriteImages writes each frame as a PNG image to the folder dir, which is
// there: frame_0001.png and so on, so that [Open] reads the folder as the film
// again. Each file appears when it is complete and replaces one that was there.
// It returns the names.
func (f *Film) WriteImages(ctx context.Context, dir string) ([]string, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	digits := max(4, len(strconv.Itoa(f.Frames)))
	var names []string
	err := f.each(ctx, func(k int, greys []byte) error {
		name := fmt.Sprintf("frame_%0*d.png", digits, k+1)
		img := &image.Gray{Pix: greys, Stride: f.Width, Rect: image.Rect(0, 0, f.Width, f.Height)}
		err := writeFile(filepath.Join(dir, name), func(w io.Writer) error {
			b := bufio.NewWriter(w)
			if err := png.Encode(b, img); err != nil {
				return err
			}
			return b.Flush()
		})
		if err == nil {
			names = append(names, name)
		}
		return err
	})
	return names, err
}

// WriteVideo writes the film as an MP4 file that players and browsers open:
// H.264 of high quality (libx264, crf 12: greys change by a level or two), or
// MPEG-4 part 2 where ffmpeg was built without libx264. Odd sides get a black
// line more, since these formats have even ones. The file appears when it is
// complete and replaces one that was there.
//
// Encoding is done by the program ffmpeg, as decoding is in [OpenVideo].
func (f *Film) WriteVideo(ctx context.Context, path string) error {
	if err := f.check(); err != nil {
		return err
	}
	program, err := findFFmpeg(f.FFmpeg)
	if err != nil {
		return fmt.Errorf("datasets: %s: %w", filepath.Base(path), err)
	}
	work, err := os.MkdirTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("datasets: %w", err)
	}
	defer os.RemoveAll(work)
	temp := filepath.Join(work, "film.mp4")
	complaint, err := f.encode(ctx, program, temp, "-c:v", "libx264", "-crf", "12")
	if err != nil && strings.Contains(complaint, "libx264") && strings.Contains(complaint, "encoder") {
		complaint, err = f.encode(ctx, program, temp, "-c:v", "mpeg4", "-q:v", "2")
	}
	switch {
	case err != nil && ctx.Err() == nil && complaint != "":
		return fmt.Errorf("datasets: %s: ffmpeg says: %s: %w", filepath.Base(path), complaint, err)
	case err != nil:
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("datasets: %w", err)
	}
	return nil
}

// encode runs ffmpeg with the given encoder and returns what it said.
func (f *Film) encode(ctx context.Context, program, path string, encoder ...string) (string, error) {
	args := []string{
		"-hide_banner", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray", "-s", fmt.Sprintf("%dx%d", f.Width, f.Height),
		"-r", strconv.FormatFloat(cmp.Or(f.Rate, 25), 'f', -1, 64), "-i", "pipe:0", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2",
	}
	args = append(append(args, encoder...), "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4", "file:"+path)
	run, in, err := startEncoder(ctx, program, args)
	if err != nil {
		return "", fmt.Errorf("datasets: %w", err)
	}
	bad := f.each(ctx, func(_ int, greys []byte) error {
		_, err := in.Write(greys)
		return err
	})
	if bad != nil {
		run.kill()
	}
	closed := in.Close()
	exit := run.wait()
	switch {
	case ctx.Err() != nil && (bad != nil || exit != nil):
		return "", fmt.Errorf("datasets: writing a video ended: %w", context.Cause(ctx))
	case exit != nil:
		return run.complaint(path), fmt.Errorf("datasets: ffmpeg failed (%w)", exit)
	}
	return run.complaint(path), cmp.Or(bad, closed)
}
