using Vms.Native.Opus;
using Vms.Native.Processes;

namespace Vms.Media.Egress.Sound;

/// <summary>The child that turns AAC into Opus: <c>vms-media --sound</c>. It holds nothing worth taking, no keys, no sockets, no files, and
/// ends with its parent, when its input ends.</summary>
internal static class SoundWorker
{
    public const string Argument = "--sound";

    public static int Run(Stream input, Stream output)
    {
        CurrentProcess.GiveWay();
        var message = new byte[SoundMessages.MaxBytes];
        var packet = new byte[OpusEncoder.MaxPacketBytes];
        var answer = new byte[SoundMessages.LengthBytes + SoundMessages.FrameHeaderBytes + packet.Length];
        int length = SoundMessages.Read(input, message);
        if (length < 1 || message[0] is not (1 or 2))
            return 1;
        using var converter = new AacToOpus(message.AsSpan(1..length), message[0]);
        while ((length = SoundMessages.Read(input, message)) > 0)
        {
            if (length < SoundMessages.FrameHeaderBytes)
                return 1;
            converter.Push(SoundMessages.ReadFrame(message), message.AsSpan(SoundMessages.FrameHeaderBytes..length));
            while (converter.TryTake(packet, out var header, out int bytes))
                output.Write(answer.AsSpan(0, SoundMessages.WriteFrame(answer, header, packet.AsSpan(0, bytes))));
            output.Flush();
        }

        return 0;
    }
}
