using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Vms.Codecs;
using Vms.Media.Streams;
using Vms.StreamLog;

namespace Vms.Media.Egress.Mjpeg;

/// <summary>Sends one viewer the pictures of one stream as parts of a multipart body. A viewer that is slower than the camera gets the newest
/// picture each time: nothing is kept for it.</summary>
internal sealed class MjpegViewer(LiveStream stream, string user, DateTimeOffset openedAtUtc)
{
    public const string Boundary = "vms-picture";

    private long _sent;
    private long _skipped;

    public LiveStream Stream => stream;

    public string User => user;

    public DateTimeOffset OpenedAtUtc => openedAtUtc;

    public long PicturesSent => Interlocked.Read(ref _sent);

    /// <summary>Left out because the viewer was still busy with an older one; of what the log overtook, every sample.</summary>
    public long PicturesSkipped => Interlocked.Read(ref _skipped);

    /// <summary>Until the viewer leaves, the pipeline ends or the camera sends something else.</summary>
    public async Task SendAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        var arrival = new SampleArrival();
        stream.Subscribe(arrival);
        try
        {
            using var reader = stream.TryOpenReader();
            if (reader is null || !reader.SeekToLastKeyframe())
                return;
            var picture = new MemoryStream();
            do
            {
                if (!TryTakeNewest(reader, picture))
                    return;
                if (picture.Length == 0)
                    continue;
                Write(output, picture);
                picture.SetLength(0);
                Interlocked.Increment(ref _sent);
                if ((await output.FlushAsync(cancellationToken)).IsCompleted)
                    return;
            }
            while (await arrival.WaitAsync(cancellationToken));
        }
        finally
        {
            stream.Unsubscribe(arrival);
        }
    }

    /// <returns>False when there is no more to come.</returns>
    private bool TryTakeNewest(StreamLogReader reader, MemoryStream picture)
    {
        while (true)
        {
            switch (reader.TryRead(out var lease))
            {
                case ReadOutcome.Empty:
                    return true;
                case ReadOutcome.Closed:
                    return false;
                case ReadOutcome.Sample:
                    var header = lease.Header;
                    var video = reader.TryGetTracks(header.TracksVersion, out var tracks)
                        ? tracks.FirstOrDefault(t => t.Id == header.TrackId && t.IsVideo)
                        : null;
                    long before = picture.Length;
                    if (video is { Codec: CodecKind.Mjpeg })
                    {
                        picture.SetLength(0);
                        picture.Write(lease.Payload);
                    }

                    if (!lease.Commit())
                        picture.SetLength(0);       // overwritten while it was copied
                    else if (video is not null && video.Codec != CodecKind.Mjpeg)
                        return false;
                    else if (video is not null && before > 0)
                        Interlocked.Increment(ref _skipped);
                    break;
                default:
                    Interlocked.Add(ref _skipped, Math.Max(0, reader.LastOverrun.Count));
                    break;
            }
        }
    }

    private static void Write(PipeWriter output, MemoryStream picture)
    {
        Span<byte> head = stackalloc byte[128];
        Encoding.ASCII.TryGetBytes(
            string.Create(CultureInfo.InvariantCulture, $"--{Boundary}\r\nContent-Type: image/jpeg\r\nContent-Length: {picture.Length}\r\n\r\n"), head, out int length);
        output.Write(head[..length]);
        output.Write(picture.GetBuffer().AsSpan(0, (int)picture.Length));
        output.Write("\r\n"u8);
    }
}
