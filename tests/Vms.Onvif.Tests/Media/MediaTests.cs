using Vms.Onvif.Media;

namespace Vms.Onvif.Tests.Media;

public sealed class MediaTests
{
    [Fact]
    public void Profiles_are_read_with_and_without_pictures()
    {
        var profiles = MediaCalls.GetProfiles.ReadWith(
            """
            <trt:GetProfilesResponse><trt:Profiles token="a"><tt:Name>main</tt:Name><tt:VideoSourceConfiguration><tt:SourceToken>s</tt:SourceToken></tt:VideoSourceConfiguration>
            <tt:VideoEncoderConfiguration><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>1920</tt:Width><tt:Height>1080</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>12.5</tt:FrameRateLimit><tt:BitrateLimit>2048</tt:BitrateLimit></tt:RateControl></tt:VideoEncoderConfiguration>
            <tt:AudioEncoderConfiguration/><tt:PTZConfiguration><tt:NodeToken>n</tt:NodeToken></tt:PTZConfiguration></trt:Profiles>
            <trt:Profiles token="b"><tt:Name>main</tt:Name><tt:MetadataConfiguration/></trt:Profiles><trt:Profiles><tt:Name>no token</tt:Name></trt:Profiles></trt:GetProfilesResponse>
            """)!;
        Assert.Equal(
            [new MediaProfile("a", "main", "s", new VideoEncoding("H264", 1920, 1080, 12.5, 2048), true, false, "n"), new MediaProfile("b", "main", null, null, false, true, null)],
            profiles);
    }

    [Theory]
    [InlineData("H.264", "H264")]
    [InlineData("hevc", "H265")]
    [InlineData("MPV4-ES", "MPV4ES")]
    public void Codecs_are_written_one_way(string told, string codec) => Assert.Equal(codec, Media2Calls.GetProfiles.ReadWith(
        $"""<GetProfilesResponse><Profiles token="a"><Configurations><VideoEncoder><Encoding>{told}</Encoding><Resolution><Width>640</Width><Height>360</Height></Resolution></VideoEncoder></Configurations></Profiles></GetProfilesResponse>""")![0].Video!.Codec);

    [Theory]
    [InlineData("<MediaUri><Uri> rtsp://h/a </Uri></MediaUri>")]
    [InlineData("<Uri>rtsp://h/a</Uri>")]
    [InlineData("<x><MediaUri><MediaUri><Uri>rtsp://h/a\n</Uri></MediaUri></MediaUri></x>")]
    public void An_address_is_found_however_it_is_wrapped(string content) => Assert.Equal("rtsp://h/a", MediaCalls.GetStreamUri("p").ReadWith($"<r>{content}</r>"));

    [Fact]
    public void Main_has_the_most_pixels_and_sub_is_the_smallest_H264_that_is_wide_enough()
    {
        var tiny = Profile("tiny", "H264", 176, 144);
        var small = Profile("small", "H264", 320, 240);
        var medium = Profile("medium", "H264", 640, 360);
        var smallJpeg = Profile("jpeg", "JPEG", 320, 180);
        var main = Profile("main", "H265", 3840, 2160);
        var mainJpeg = Profile("main jpeg", "JPEG", 3840, 2160);
        var blind = new MediaProfile("blind", "blind", "s", null, false, true, null);
        Assert.Equal(new StreamChoice(main, small), StreamChoice.Of([blind, tiny, mainJpeg, medium, main, smallJpeg, small]));
        Assert.Equal(new StreamChoice(main, null), StreamChoice.Of([main, tiny, smallJpeg]));
        Assert.Equal(new StreamChoice(small, null), StreamChoice.Of([small]));
        Assert.Null(StreamChoice.Of([blind]));
        Assert.Null(StreamChoice.Of([]));
    }

    [Fact]
    public void Each_picture_of_a_recorder_has_its_own_streams()
    {
        var choices = StreamChoice.PerSource([Profile("1 main", "H264", 1920, 1080, "1"), Profile("2 main", "H264", 1280, 720, "2"), Profile("1 sub", "H264", 640, 360, "1"), Profile("2 sub", "H264", 352, 288, "2")]);
        Assert.Equal([("1 main", "1 sub"), ("2 main", "2 sub")], choices.Select(choice => (choice.Main.Token, choice.Sub!.Token)));
        Assert.Equal("1 sub", StreamChoice.Of([Profile("1 main", "H264", 1920, 1080, "1"), Profile("1 sub", "H264", 640, 360, "1"), Profile("2 sub", "H264", 352, 288, "2")])!.Sub!.Token);
    }

    private static MediaProfile Profile(string token, string codec, int width, int height, string source = "s") =>
        new(token, token, source, new VideoEncoding(codec, width, height, null, null), false, false, null);
}
