using System.Buffers.Binary;
using System.Net;
using System.Text;
using Vms.Native.OpenSsl;
using Vms.WebRtc.Ice;
using Vms.WebRtc.Sdp;
using Vms.WebRtc.Srtp;
using Vms.WebRtc.Stun;

namespace Vms.Fuzz.Tests.Targets;

/// <summary>What arrives at the port of WebRTC viewers, and the descriptions they post.</summary>
internal static class WebRtcTargets
{
    private static readonly LocalTransport s_local = new(
        new IceCredentials("ourfrag+", "our/password/of/24/chars"),
        DtlsFingerprint.Sha256Of([1, 2, 3]),
        [new IceCandidate(IPEndPoint.Parse("192.0.2.1:8189"), IceTransport.Udp)]);

    private static readonly LocalSound s_sound = new(3, "cam", SoundFormat.Opus);

    private static readonly Lazy<DtlsServerContext> s_dtls = new(() => new DtlsServerContext(TimeProvider.System));

    private static readonly byte[][] s_sdpWords =
    [
        .. new[]
        {
            "\r\n", "m=video 9 UDP/TLS/RTP/SAVPF 96", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:", "a=group:BUNDLE ", "a=rtcp-mux", "a=recvonly", "a=sendonly", "a=inactive", "a=ice-ufrag:", "a=ice-pwd:",
            "a=fingerprint:sha-256 ", "a=setup:actpass", "a=setup:passive", "a=rtpmap:96 H264/90000", "a=fmtp:96 packetization-mode=1;profile-level-id=42e01f", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96",
            "a=rtcp-fb:96 nack", "a=rtcp-fb:* nack pli", "a=bundle-only",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new FuzzTarget("stun", Stun) { MaxInput = 2048, MaxAllocated = 64 << 10 },
        new FuzzTarget("dtls", Dtls) { MaxInput = 8192, ReplayMutations = 300 },
        new FuzzTarget("srtcp", Srtcp) { MaxInput = 2048, MaxAllocated = 256 << 10 },
        new FuzzTarget("whep-offer", Offer) { Words = s_sdpWords },
        new FuzzTarget("whep-patch", Fragment) { Words = s_sdpWords },
        new FuzzTarget("sdp-answer", Answer) { Words = s_sdpWords },
    ];

    private static void Stun(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        if (!StunMessage.TryParse(input, out var message))
            return;

        outcome.Add((int)message.Type);
        outcome.Add((message.UseCandidate ? 1 : 0) | (message.IceControlled ? 2 : 0) | (message.HasUnknownRequired ? 4 : 0) | (message.HasIntegrity ? 8 : 0));
        outcome.Add(message.VerifyFingerprint());
        outcome.Add(message.VerifyIntegrity("VOkJxbRl1RmTxUk/WvJxBt"u8));
        var agent = new IceLiteAgent(new IceCredentials("evtj", "VOkJxbRl1RmTxUk/WvJxBt"), null, TimeSpan.Zero);
        Span<byte> response = stackalloc byte[IceLiteAgent.MaxResponseLength];
        outcome.Add((int)agent.HandleRequest(message, TransportAddress.From([127, 0, 0, 1], 5000, IceTransport.Udp), TimeSpan.Zero, response, out int length));
        outcome.AddSize(length);
    }

    /// <summary>A row of datagrams, each behind its length (two bytes), to one handshake of OpenSSL.</summary>
    private static void Dtls(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        using var server = new DtlsServer(s_dtls.Value);
        while (input.Length >= 2)
        {
            int length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(input), input.Length - 2);
            outcome.Add((int)server.Receive(input.Slice(2, length)));
            while (server.TryTake(out var datagram))
                outcome.AddSize(datagram.Length);
            input = input[(2 + length)..];
        }

        outcome.Add((int)server.HandleTimeout());
        outcome.AddSize(server.Failure.Length);
    }

    /// <summary>The first byte chooses the profile; the rest is a protected report.</summary>
    private static void Srtcp(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        if (input.IsEmpty)
            return;

        var profile = (input[0] & 1) == 0 ? SrtpProfile.AeadAes128Gcm : SrtpProfile.Aes128CmSha1_80;
        var key = new SrtpMasterKey(profile, new byte[SrtpProfiles.KeyLength], new byte[profile.SaltLength()]);
        using var receiver = new SrtcpReceiver(key);
        byte[] packet = input[1..].ToArray();
        outcome.Add((int)receiver.Unprotect(packet, out int length));
        outcome.AddSize(length);

        // Seldom will a mutation have the right tag: so that what lies behind it is reached, one is made that has.
        if (packet.Length < 8)
            return;
        using var sender = new SrtpSender(key);
        byte[] room = [.. input[1..], .. new byte[SrtpSender.MaxRtcpOverhead]];
        int whole = sender.ProtectRtcp(room, input.Length - 1, BinaryPrimitives.ReadUInt32BigEndian(input[5..]));
        outcome.Add((int)receiver.Unprotect(room.AsSpan(0, whole), out _));
        outcome.Add((int)receiver.Unprotect(room.AsSpan(0, whole), out _));
    }

    private static void Offer(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        if (!H264ProfileLevelId.TryParse("4d0028", out var profile))
            throw new InvalidOperationException("The profile of the test is wrong.");
        outcome.Add((int)SdpAnswer.TryCreate(Encoding.UTF8.GetString(input), s_local, new LocalVideo(1, 2, "cam", profile), s_sound, out var answer));
        outcome.Add(answer?.Video.PayloadType ?? -1);
        outcome.Add(answer?.Video.RtxPayloadType ?? -1);
    }

    private static void Answer(ReadOnlySpan<byte> input, ref Outcome outcome)
    {
        if (!H264ProfileLevelId.TryParse("4d0028", out var profile))
            throw new InvalidOperationException("The profile of the test is wrong.");
        outcome.Add((int)SdpOffer.TryReadAnswer(Encoding.UTF8.GetString(input), profile, s_sound, out var video, out var sound));
        outcome.Add(video?.PayloadType ?? -1);
        outcome.Add((sound?.Opus ?? -1) ^ (sound?.PcmU ?? -1) ^ (sound?.PcmA ?? -1));
    }

    private static void Fragment(ReadOnlySpan<byte> input, ref Outcome outcome) =>
        outcome.AddSize(SdpFragment.TryParse(Encoding.UTF8.GetString(input), out var fragment) ? fragment.Answer(s_local).Length : 0);
}
