using System.Text;
using Vms.Control.Devices.Dahua;
using Vms.Control.Devices.Hikvision;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Nvr;

namespace Vms.Fuzz.Tests.Targets;

/// <summary>What recorders of other makers answer.</summary>
internal static class NvrTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new FuzzTarget("nvr-isapi", Isapi) { ReplayMutations = 600, MaxAllocated = 16 << 20 },
        new FuzzTarget("nvr-isapi-search", Search) { ReplayMutations = 1000 },
        new FuzzTarget("nvr-cgi", Cgi) { Words = [.. "[0]|[511]|[512]|=|;|true|\r\n|Error".Split('|').Select(Encoding.ASCII.GetBytes)] },
        new FuzzTarget("nvr-parts", Parts) { Words = [.. "--b|--b--|\r\n|\r\n\r\n|Content-Length: |Content-Type: ".Split('|').Select(Encoding.ASCII.GetBytes)] },
    ];

    private static void Isapi(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        byte[] document = input.ToArray();
        outcome.AddSize(IsapiChannels.Proxies(document, document).Count);
        var streams = IsapiChannels.Streams(document);
        outcome.AddSize(streams.Count);
        foreach (var stream in streams)
            outcome.Add((int)NvrStream.CodecOf(stream.Codec));
        outcome.AddSize(IsapiChannels.VideoInputs(document).Count);
        outcome.AddSize(IsapiChannels.Inputs(document).Count);
        outcome.AddSize(IsapiChannels.InputStates(document).Count);
        outcome.Add(IsapiChannels.Facts(document) is not null);
        outcome.Add(IsapiChannels.RtspPort(document) is not null);
        outcome.Add((int?)IsapiAlert.Read(document)?.Kind ?? -1);
    }

    private static void Search(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        byte[] document = input.ToArray();
        var (zone, _) = IsapiTime.Clock(document);
        outcome.AddSize((long)zone.BaseOffset.Duration().TotalMinutes);
        var page = IsapiSearch.Read(document, 1, "rtsp://h", zone);
        outcome.AddSize(page?.Recordings.Count ?? 0);
        outcome.Add(page?.HasMore == true);
        foreach (var recording in page?.Recordings ?? [])
        {
            if (recording.End <= recording.Start || !recording.Url.StartsWith("rtsp://h/", StringComparison.Ordinal))
                throw new InvalidDataException("A recording that is none.");
        }
    }

    private static void Cgi(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        byte[] answer = input.ToArray();
        var zone = DahuaTime.Zone(answer, answer);
        outcome.AddSize((long)zone.BaseOffset.Duration().TotalMinutes);
        var (files, found) = DahuaFiles.Page(answer, zone);
        outcome.AddSize(files.Count);
        outcome.AddSize(found ?? -1);
        outcome.AddSize(DahuaChannels.Streams(answer).Count);
        outcome.AddSize(DahuaChannels.Titles(answer).Count);
        outcome.AddSize(DahuaChannels.RemoteDevices(answer).Count);
        outcome.AddSize(DahuaChannels.Indexes(answer).Count);
        outcome.AddSize(DahuaChannels.InputNames(answer).Count);
        outcome.AddSize(DahuaChannels.Count(answer) ?? -1);
        outcome.Add(DahuaChannels.Facts(answer, answer, answer) is not null);
        outcome.Add((int?)DahuaEvent.Read(input)?.Kind ?? -1);
    }

    /// <summary>The first byte says how many come at a time: what comes out must not depend on it.</summary>
    private static void Parts(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        if (input.IsEmpty)
            return;
        int step = 1 + input[0];
        var stream = input[1..];
        var whole = new List<MultipartPart>();
        new MultipartParts("b").Take(stream, whole);
        var pieces = new List<MultipartPart>();
        var reader = new MultipartParts("b");
        for (int at = 0; at < stream.Length; at += step)
            reader.Take(stream.Slice(at, Math.Min(step, stream.Length - at)), pieces);
        if (!whole.Select(part => Convert.ToHexString(part.Body)).SequenceEqual(pieces.Select(part => Convert.ToHexString(part.Body))))
            throw new InvalidDataException("The parts depend on how the bytes came in.");
        outcome.AddSize(whole.Count);
        foreach (var part in whole)
        {
            outcome.AddSize(part.Body.Length);
            outcome.AddSize(part.ContentType.Length);
        }
    }
}
