package datasets

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// VideoOptions say which frames of a video are read, and how large. The zero
// value, and a nil pointer, take every frame as it is.
type VideoOptions struct {
	// Width and Height are pixels to which each frame is scaled, by averages
	// over areas; default: the size that the video has. Of one, the other
	// follows so that shapes stay.
	Width, Height int

	Start  int // frames left out at the beginning
	Every  int // one of so many frames is taken; default 1
	Frames int // most frames that are taken; default all

	// Damaged takes the frames that can be decoded of a video that breaks off
	// or has errors, and leaves in Data.Notes what is wrong. Without it, that
	// is an error.
	Damaged bool

	FramesAsRows bool   // as in [OpenOptions]
	MaxBytes     int64  // as in [OpenOptions]; a pixel of a frame takes 9 bytes
	FFmpeg       string // the program that decodes; default ffmpeg on the PATH
}

// OpenVideo reads the greys, 0 to 255, of a video's frames as a film: a column
// for each frame, Data.Height and Data.Width the size of each.
//
// Decoding is done by the program ffmpeg, which runs beside this one and passes
// frames on through a pipe; it is not part of this library and must be
// installed (it was tried with ffmpeg 5.1). Read is whatever it knows of the
// usual containers, but no playlist, since those open further files. [Open]
// reads videos too, by their content or their ending.
//
// Memory: 9 bytes a pixel and frame while reading, 8 afterwards. Errors wrap
// ErrFormat, with what ffmpeg said, ErrEmpty, ErrValue, ErrTooLarge,
// exec.ErrNotFound where there is no ffmpeg, an error of the file system, or
// the reason why ctx ended.
func OpenVideo(ctx context.Context, path string, o *VideoOptions) (*Data, error) {
	v := VideoOptions{Every: 1}
	if o != nil {
		v = *o
	}
	if v.Every == 0 {
		v.Every = 1
	}
	s, err := newSource(filepath.Base(path), &OpenOptions{FramesAsRows: v.FramesAsRows, MaxBytes: v.MaxBytes})
	if err != nil {
		return nil, err
	}
	if err := v.check(s); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("datasets: %w", err)
	} else if !info.Mode().IsRegular() {
		return nil, s.errorf(ErrFormat, "it is no file; a video is wanted")
	}
	film, complaint, err := v.decode(ctx, s, path)
	if err != nil {
		return nil, err
	}
	return v.data(s, film, complaint)
}

// mostPixels bounds a side of a frame.
const mostPixels = 1 << 15

func (v *VideoOptions) check(s *source) error {
	switch {
	case v.Width < 0 || v.Height < 0 || v.Width > mostPixels || v.Height > mostPixels:
		return s.errorf(ErrValue, "Width is %d and Height %d; pixels from 1 to %d are wanted, or 0 for those of the video", v.Width, v.Height, mostPixels)
	case v.Start < 0 || v.Every < 0 || v.Frames < 0:
		return s.errorf(ErrValue, "Start is %d, Every %d and Frames %d; none may be negative", v.Start, v.Every, v.Frames)
	}
	return nil
}

// filter is ffmpeg's filter graph: which frames, how large, and clocked so that
// none is left out or doubled by any version.
func (v *VideoOptions) filter() string {
	var steps []string
	if v.Start > 0 || v.Every > 1 {
		steps = append(steps, fmt.Sprintf("select='gte(n,%d)*not(mod(n-%d,%d))'", v.Start, v.Start, v.Every))
	}
	if v.Width > 0 || v.Height > 0 {
		side := func(n int) int {
			if n == 0 {
				return -1
			}
			return n
		}
		steps = append(steps, fmt.Sprintf("scale=%d:%d:flags=area", side(v.Width), side(v.Height)))
	}
	return strings.Join(append(steps, "settb=1/25", "setpts=N"), ",")
}

// containers are the formats that ffmpeg may read. Playlists, and formats that
// name other files, are not among them.
const containers = "avi,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mpeg,mpegts,mpegvideo,ogg,flv,asf,gif,yuv4mpegpipe,h264,hevc,h263,m4v,ivf,mxf,nut,dv,mjpeg,obu,av1,rm,vob"

func (v *VideoOptions) arguments(path string) []string {
	args := []string{
		"-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file,pipe", "-format_whitelist", containers,
		"-i", "file:" + path, "-map", "0:V:0", "-an", "-sn", "-dn", "-vf", v.filter(), "-r", "25",
	}
	if v.Frames > 0 {
		args = append(args, "-frames:v", fmt.Sprint(v.Frames))
	}
	return append(args, "-pix_fmt", "gray", "-c:v", "pgm", "-f", "image2pipe", "pipe:1")
}

// pixels are the frames of a film, one after the other.
type pixels struct {
	h, w, n int
	greys   []byte
}

// decode runs ffmpeg and returns the frames and what it complained about.
func (v *VideoOptions) decode(ctx context.Context, s *source, path string) (*pixels, string, error) {
	program, err := findFFmpeg(v.FFmpeg)
	if err != nil {
		return nil, "", fmt.Errorf("datasets: %s: %w", s.name, err)
	}
	run, out, err := startDecoder(ctx, program, v.arguments(path))
	if err != nil {
		return nil, "", fmt.Errorf("datasets: %s: %w", s.name, err)
	}
	film, bad := s.pgmStream(out)
	if bad != nil {
		run.kill()
	}
	exit := run.wait()
	complaint := run.complaint(path)
	if ctx.Err() != nil {
		return nil, "", fmt.Errorf("datasets: %s: reading ended after %d frames: %w", s.name, film.n, context.Cause(ctx))
	}
	switch {
	case errors.Is(bad, ErrTooLarge):
		return nil, "", s.errorf(ErrTooLarge, "%d frames of %d×%d pixels fill the limit of MaxBytes = %d bytes; read smaller frames (Width), fewer (Every, Start, Frames), or set MaxBytes higher", film.n, film.h, film.w, s.o.MaxBytes)
	case film.n == 0 && complaint == "" && exit == nil && bad == nil && v.Start > 0:
		return nil, "", s.errorf(ErrEmpty, "the video has no frame behind the first %d, which Start leaves out", v.Start)
	case film.n == 0 && complaint == "" && exit == nil && bad == nil:
		return nil, "", s.errorf(ErrEmpty, "the video has no frames")
	case film.n == 0 || !v.Damaged && (exit != nil || complaint != "" || bad != nil):
		return nil, "", s.ffmpegError(film.n, complaint, exit, bad)
	case complaint == "" && bad != nil:
		complaint = bad.Error()
	}
	return film, complaint, nil
}

// ffmpegError says why a video cannot be read.
func (s *source) ffmpegError(frames int, complaint string, exit, bad error) error {
	why := complaint
	if why == "" {
		why = cmp.Or(bad, exit).Error() // bad comes first: exit may say that it was killed for that
	}
	if frames == 0 {
		return s.errorf(ErrFormat, "no frame can be decoded, ffmpeg says: %s", why)
	}
	return s.errorf(ErrFormat, "the video is damaged or cut off: after %d frames that can be decoded, ffmpeg says: %s; set Damaged to take those frames", frames, why)
}

// pgmStream reads raw PGM images of one size until the stream ends. What was
// read is returned in any case.
func (s *source) pgmStream(r io.Reader) (*pixels, error) {
	film := &pixels{}
	in := bufio.NewReaderSize(r, sampleSize)
	for {
		h, w, err := pgmHeader(in)
		if err == io.EOF {
			return film, nil
		} else if err != nil {
			return film, s.errorf(ErrFormat, "what ffmpeg decoded is no PGM image: %v", err)
		}
		if film.n == 0 {
			film.h, film.w = h, w
		}
		if h != film.h || w != film.w {
			return film, s.errorf(ErrShape, "frame %d is %d×%d pixels, those before are %d×%d", film.n, h, w, film.h, film.w)
		}
		if err := s.take(9 * int64(h) * int64(w)); err != nil {
			return film, err
		}
		have := len(film.greys)
		film.greys = slices.Grow(film.greys, h*w)[:have+h*w]
		if _, err := io.ReadFull(in, film.greys[have:]); err != nil {
			film.greys = film.greys[:have]
			return film, s.errorf(ErrFormat, "frame %d breaks off", film.n)
		}
		film.n++
	}
}

// data makes a matrix of the frames.
func (v *VideoOptions) data(s *source, film *pixels, complaint string) (*Data, error) {
	size, n := film.h*film.w, film.n
	d := &Data{Name: s.name, Format: "video", Height: film.h, Width: film.w, frameRows: v.FramesAsRows}
	values := make([]float64, size*n)
	if v.FramesAsRows {
		for k, g := range film.greys {
			values[k] = float64(g)
		}
		d.dense = mat.NewDense(n, size, values)
		d.note("frames: a row each")
	} else {
		for p := range size {
			row := values[p*n : (p+1)*n]
			for k := range row {
				row[k] = float64(film.greys[k*size+p])
			}
		}
		d.dense = mat.NewDense(size, n, values)
		d.note("frames: a column each")
	}
	d.note("greys from 0 to 255")
	if v.Width > 0 || v.Height > 0 {
		d.note("scaled to %d×%d pixels", film.h, film.w)
	}
	if v.Start > 0 || v.Every > 1 {
		d.note("one of %d frames from frame %d on", v.Every, v.Start)
	}
	if complaint != "" {
		d.note("damaged: %s", complaint)
	}
	return d, nil
}

// videoEndings are those of files that Open takes for videos.
var videoEndings = []string{
	".mp4", ".m4v", ".mov", ".qt", ".3gp", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".m2v", ".ts", ".mts", ".m2ts", ".vob",
	".ogv", ".flv", ".wmv", ".asf", ".gif", ".y4m", ".h264", ".h265", ".hevc", ".ivf", ".mxf", ".nut", ".dv", ".mjpeg", ".mjpg",
}

// isVideo reports whether a file is a video: by how it begins, else by its
// ending.
func isVideo(f io.ReaderAt, name string) bool {
	var head [16]byte
	n, _ := f.ReadAt(head[:], 0)
	b := head[:n]
	for _, m := range []struct {
		at    int
		magic string
	}{
		{4, "ftyp"}, {4, "moov"}, {4, "mdat"}, {4, "wide"}, {0, "\x1aE\xdf\xa3"}, {8, "AVI LIST"}, {0, "\x00\x00\x01\xba"}, {0, "\x00\x00\x01\xb3"},
		{0, "OggS"}, {0, "FLV\x01"}, {0, "GIF8"}, {0, "YUV4MPEG2 "}, {0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"}, {0, "DKIF"},
	} {
		if len(b) >= m.at && bytes.HasPrefix(b[m.at:], []byte(m.magic)) {
			return true
		}
	}
	return slices.Contains(videoEndings, strings.ToLower(filepath.Ext(name)))
}

// video are the options for a video that Open reads.
func (o *OpenOptions) video() *VideoOptions {
	v := VideoOptions{}
	if o == nil {
		return &v
	}
	if o.Video != nil {
		v = *o.Video
	}
	v.FramesAsRows = v.FramesAsRows || o.FramesAsRows
	if v.MaxBytes == 0 {
		v.MaxBytes = o.MaxBytes
	}
	return &v
}
