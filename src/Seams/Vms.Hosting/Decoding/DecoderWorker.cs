using System.Buffers.Binary;
using System.Text;
using Vms.Native.Ffmpeg;
using Vms.Native.Processes;

namespace Vms.Hosting.Decoding;

/// <summary>The child that decodes pictures: <c>vms-media --decoder</c> or <c>vms-recorder --decoder</c>. It holds nothing worth taking, no keys, no sockets, no files, and
/// ends with its parent, when its input ends.</summary>
public static class DecoderWorker
{
    public const string Argument = "--decoder";

    public static int Run(Stream input, Stream output)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(output);
        CurrentProcess.GiveWay();
        var length = new byte[DecoderMessages.LengthBytes];
        while (input.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) == length.Length)
        {
            int size = BinaryPrimitives.ReadInt32LittleEndian(length);
            if (size is < DecoderMessages.RequestHeaderBytes or > DecoderMessages.MaxBytes)
                return 1;
            var request = new byte[size];
            input.ReadExactly(request);
            Answer(request, output);
        }

        return 0;
    }

    private static void Answer(ReadOnlySpan<byte> request, Stream output)
    {
        var (form, codec, maxWidth, quality) = DecoderMessages.ReadRequestHeader(request);
        var picture = request[DecoderMessages.RequestHeaderBytes..];
        try
        {
            if (form == DecoderOutput.Luma)
            {
                var luma = PictureDecoder.ToLuma(codec, picture, maxWidth);
                Write(output, DecoderVerdict.Decoded, luma.Width, luma.Height, luma.Pixels);
                return;
            }

            var jpeg = form == DecoderOutput.JpegOfLast
                ? PictureDecoder.ToJpegOfLast(codec, picture, maxWidth, quality)
                : PictureDecoder.ToJpeg(codec, picture, maxWidth, quality);
            Write(output, DecoderVerdict.Decoded, jpeg.Width, jpeg.Height, jpeg.Bytes);
        }
        catch (InvalidDataException e)
        {
            Write(output, DecoderVerdict.Rejected, 0, 0, Encoding.UTF8.GetBytes(e.Message));
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            Write(output, DecoderVerdict.Unavailable, 0, 0, Encoding.UTF8.GetBytes(e.Message));
        }
    }

    private static void Write(Stream output, DecoderVerdict verdict, int width, int height, ReadOnlySpan<byte> body)
    {
        Span<byte> header = stackalloc byte[DecoderMessages.LengthBytes + DecoderMessages.ReplyHeaderBytes];
        BinaryPrimitives.WriteInt32LittleEndian(header, DecoderMessages.ReplyHeaderBytes + body.Length);
        DecoderMessages.WriteReplyHeader(header[DecoderMessages.LengthBytes..], verdict, width, height);
        output.Write(header);
        output.Write(body);
        output.Flush();
    }
}
