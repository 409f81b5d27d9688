using System.Net;
using Vms.WebRtc.Ice;
using Vms.WebRtc.Sdp;

namespace Vms.WebRtc.Tests.Sdp;

/// <summary>The audio section of offers of Chromium and Firefox (recorded, see <see cref="SdpAnswerTests"/>) and of Safari (written after
/// its documentation: none could be recorded here).</summary>
public sealed class SdpSoundTests
{
    private static readonly LocalTransport s_local = new(
        new IceCredentials("ourfrag+", "our/password/of/24/chars"), DtlsFingerprint.Sha256Of([1, 2, 3]),
        [new IceCandidate(IPEndPoint.Parse("192.0.2.1:8189"), IceTransport.Udp)]);

    private static readonly LocalVideo s_video = new(1111, 2222, "cam", new H264ProfileLevelId(0x42, 0xE0, 0x1F));

    [Theory]
    [InlineData("chromium-audio", SoundFormat.Opus, 111)]
    [InlineData("chromium-audio", SoundFormat.PcmU, 0)]
    [InlineData("chromium-audio", SoundFormat.PcmA, 8)]
    [InlineData("firefox", SoundFormat.Opus, 109)]
    [InlineData("firefox", SoundFormat.PcmA, 8)]
    [InlineData("safari-audio", SoundFormat.Opus, 111)]
    [InlineData("safari-audio", SoundFormat.PcmU, 0)]
    public void Browsers_are_sent_the_sound_in_the_bundle_of_the_video(string offer, SoundFormat format, byte payloadType)
    {
        Assert.Equal(SdpRefusal.None, SdpAnswer.TryCreate(Offer(offer), s_local, s_video, Sound(format), out var answer));
        Assert.Equal(payloadType, answer!.Sound!.PayloadTypeOf(format));
        Assert.True(SdpDescription.TryParse(answer.Text, out var description));
        Assert.StartsWith("BUNDLE 0 1", description.Find("group"), StringComparison.Ordinal);
        var audio = description.Media.Single(m => m.Kind == "audio");
        Assert.Equal(8189, audio.Port);
        Assert.Equal(answer.Sound.PayloadTypeOf(SoundFormat.Opus).ToString(), audio.Formats[0]);
        foreach (var (name, value) in new[]
        {
            ("sendonly", ""), ("rtcp-mux", ""), ("setup", "passive"), ("ice-ufrag", "ourfrag+"), ("ssrc", "3333 cname:cam"), ("msid", "cam audio"),
        })
            Assert.Equal(value, audio.Find(name));
        Assert.Contains($"\r\na=rtpmap:{answer.Sound.Opus} opus/48000/2\r\n", answer.Text, StringComparison.Ordinal);
        Assert.Contains("a=rtpmap:0 PCMU/8000", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("G722", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chromium", "", "", "an offer without an audio section")]
    [InlineData("chromium-audio", "a=group:BUNDLE 0 1", "a=group:BUNDLE 1", "sound that wants a transport of its own")]
    [InlineData("chromium-audio", "opus/48000/2", "speex/16000", "none of the formats")]
    [InlineData("safari-audio", "m=audio 9", "m=audio 0", "an audio section that is switched off")]
    [InlineData("safari-audio", "a=mid:1\r\na=recvonly", "a=mid:1\r\na=sendonly", "a viewer who wants to talk")]
    public void A_viewer_is_sent_video_alone_otherwise(string offer, string remove, string insert, string why)
    {
        var text = Offer(offer).ReplaceLineEndings("\r\n");
        if (remove.Length > 0)
        {
            Assert.Contains(remove, text, StringComparison.Ordinal);
            text = text.Replace(remove, insert, StringComparison.Ordinal);
        }

        Assert.True(SdpRefusal.None == SdpAnswer.TryCreate(text, s_local, s_video, Sound(SoundFormat.Opus), out var answer), why);
        Assert.Null(answer!.Sound);
        Assert.DoesNotContain("m=audio 8189", answer.Text, StringComparison.Ordinal);
        Assert.Contains("m=video 8189", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_static_payload_type_needs_no_description()
    {
        var text = Offer("chromium-audio").Replace("a=rtpmap:8 PCMA/8000\n", "", StringComparison.Ordinal);
        Assert.Equal(SdpRefusal.None, SdpAnswer.TryCreate(text, s_local, s_video, Sound(SoundFormat.PcmA), out var answer));
        Assert.Equal((byte)8, answer!.Sound!.PcmA);
    }

    [Fact]
    public void Our_offer_has_the_sound_and_the_answer_may_refuse_it()
    {
        var sound = Sound(SoundFormat.PcmA);
        Assert.True(SdpDescription.TryParse(SdpOffer.Create(s_local, s_video, sound), out var offer));
        Assert.Equal(["video", "audio"], offer.Media.Select(m => m.Kind));
        Assert.Equal("BUNDLE 0 1", offer.Find("group"));
        Assert.Equal(["111", "0", "8"], offer.Media[1].Formats);

        var answer = Offer("safari-audio");
        Assert.Equal(SdpRefusal.None, SdpOffer.TryReadAnswer(answer, s_video.Profile, sound, out _, out var agreed));
        Assert.Equal((byte)8, agreed!.PcmA);
        var refused = answer.Replace("m=audio 9", "m=audio 0", StringComparison.Ordinal);
        Assert.Equal(SdpRefusal.None, SdpOffer.TryReadAnswer(refused, s_video.Profile, sound, out var video, out agreed));
        Assert.NotNull(video);
        Assert.Null(agreed);
    }

    [Fact]
    public void Damaged_offers_never_throw()
    {
        var random = new Random(7);
        var offer = Offer("firefox");
        for (int i = 0; i < 1000; i++)
        {
            var damaged = offer.ToCharArray();
            for (int hits = random.Next(1, 30); hits > 0; hits--)
                damaged[random.Next(damaged.Length)] = (char)random.Next(9, 128);
            SdpAnswer.TryCreate(damaged, s_local, s_video, Sound(SoundFormat.Opus), out _);
        }
    }

    private static LocalSound Sound(SoundFormat format) => new(3333, "cam", format);

    private static string Offer(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Sdp", "Offers", name + ".sdp"));
}
