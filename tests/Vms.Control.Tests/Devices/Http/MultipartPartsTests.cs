using System.Text;
using Vms.Control.Devices.Http;

namespace Vms.Control.Tests.Devices.Http;

public sealed class MultipartPartsTests
{
    public static TheoryData<string, string> Streams => new()
    {
        { "right", "--b\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nfirst\r\n--b\r\nContent-Length: 6\r\n\r\nsecond\r\n--b--\r\n" },
        { "bare line feeds", "--b\nContent-Type: text/plain\nContent-Length: 5\n\nfirst\n--b\n\nsecond\n--b\n" },
        { "no lengths", "\r\n--b\r\nContent-Type: text/plain\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n--b\r\n" },
        { "a preamble, a delimiter within a line", "noise --b\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nfirst--b\r\n\r\nsecond\r\n--b\r\n" },
        { "a length beyond the next delimiter (Hikvision)", "--b\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\nfirst\r\n--b\r\nContent-Length: 99\r\n\r\nsecond\r\n--b\r\n" },
        { "lengths that are none", "--b\r\nContent-Type: text/plain\r\nContent-Length: -3\r\n\r\nfirst\r\n--b\r\nContent-Length: many\r\n\r\nsecond\r\n--b\r\n" },
        { "delimiters without parts", "--b\r\n--b\r\n--b\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nfirst\r\n--b\r\n--b\r\n\r\nsecond\r\n--b\r\n" },
        { "headers in other letters", "--b\r\ncontent-type:text/plain\r\nCONTENT-LENGTH:5\r\nX-Other\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n--b\r\n" },
    };

    [Theory, MemberData(nameof(Streams))]
    public void Parts_come_out_however_the_bytes_come_in(string name, string stream)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(stream);
        for (int step = 1; step <= bytes.Length; step++)
        {
            var parts = new List<MultipartPart>();
            var reader = new MultipartParts("b");
            foreach (byte[] piece in bytes.Chunk(step))
                reader.Take(piece, parts);
            Assert.True(
                parts.Select(part => Encoding.Latin1.GetString(part.Body)).SequenceEqual(["first", "second"]),
                $"{name}, {step} bytes at a time: {string.Join('|', parts.Select(part => Encoding.Latin1.GetString(part.Body)))}");
            Assert.Equal("text/plain", parts[0].ContentType);
        }
    }

    [Fact]
    public void A_part_with_a_length_comes_with_its_last_byte()
    {
        var parts = new List<MultipartPart>();
        new MultipartParts("b").Take("--b\r\nContent-Length: 5\r\n\r\nfirst"u8, parts);
        Assert.Equal("first"u8.ToArray(), Assert.Single(parts).Body);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_picture_is_passed_over_and_what_follows_is_read(bool withLength)
    {
        var parts = new List<MultipartPart>();
        var reader = new MultipartParts("b");
        byte[] picture = new byte[MultipartParts.MaxPartBytes * 3];
        new Random(1).NextBytes(picture);
        reader.Take(Encoding.Latin1.GetBytes("--b\r\nContent-Type: image/jpeg\r\n" + (withLength ? $"Content-Length: {picture.Length}\r\n\r\n" : "\r\n")), parts);
        reader.Take(picture, parts);
        reader.Take("\r\n--b\r\nContent-Length: 2\r\n\r\nok"u8, parts);
        Assert.Equal("ok"u8.ToArray(), Assert.Single(parts).Body);
        Assert.Equal(1, reader.PassedOver);
    }

    [Fact]
    public void Headers_without_end_are_passed_over()
    {
        var parts = new List<MultipartPart>();
        var reader = new MultipartParts("b");
        reader.Take(Encoding.Latin1.GetBytes("--b\r\nX: " + new string('x', MultipartParts.MaxHeaderBytes * 2)), parts);
        reader.Take("\r\n--b\r\nContent-Length: 2\r\n\r\nok"u8, parts);
        Assert.Equal("ok"u8.ToArray(), Assert.Single(parts).Body);
    }

    [Theory]
    [InlineData("multipart/mixed; boundary=boundary", "boundary")]
    [InlineData("multipart/x-mixed-replace; boundary=--myboundary", "myboundary")]
    [InlineData("Multipart/Mixed;charset=utf-8; Boundary=\"MIME_boundary\"", "MIME_boundary")]
    [InlineData("multipart/mixed", null)]
    [InlineData("multipart/mixed; boundary=--", null)]
    [InlineData("text/plain; boundary=b", null)]
    [InlineData(null, null)]
    public void The_boundary_is_found_as_devices_write_it(string? contentType, string? expected) => Assert.Equal(expected, MultipartParts.BoundaryOf(contentType));
}
