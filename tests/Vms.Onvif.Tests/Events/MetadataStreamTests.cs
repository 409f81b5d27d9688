using System.Text;
using Vms.Onvif.Events;

namespace Vms.Onvif.Tests.Events;

public sealed class MetadataStreamTests
{
    private const string Motion = """
        <?xml version="1.0" encoding="UTF-8"?>
        <tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" xmlns:tns1="http://www.onvif.org/ver10/topics">
          <tt:Event>
            <wsnt:NotificationMessage>
              <wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">
                tns1:RuleEngine/CellMotionDetector/Motion
              </wsnt:Topic>
              <wsnt:Message>
                <tt:Message UtcTime="2026-11-21T09:30:00Z" PropertyOperation="Changed">
                  <tt:Source>
                    <tt:SimpleItem Name="VideoSourceConfigurationToken" Value="VideoSource_1"/>
                    <tt:SimpleItem Name="Rule" Value="MyMotionDetectorRule"/>
                  </tt:Source>
                  <tt:Key><tt:SimpleItem Name="ObjectId" Value="7"/></tt:Key>
                  <tt:Data><tt:SimpleItem Name="IsMotion" Value="true"/></tt:Data>
                </tt:Message>
              </wsnt:Message>
            </wsnt:NotificationMessage>
          </tt:Event>
        </tt:MetadataStream>
        """;

    [Fact]
    public void A_notification_is_read_with_topic_operation_source_and_data()
    {
        var read = Assert.Single(Read(Motion, wellFormed: true));
        Assert.Equal("RuleEngine/CellMotionDetector/Motion", read.Topic);
        Assert.Equal(PropertyOperation.Changed, read.Operation);
        Assert.Equal("VideoSourceConfigurationToken=VideoSource_1,Rule=MyMotionDetectorRule,ObjectId=7", read.Source);
        Assert.Equal([new SimpleItem("IsMotion", "true")], read.Data);
    }

    [Fact]
    public void Several_stand_in_one_document_beside_what_is_no_event()
    {
        string document = "<tt:MetadataStream><tt:VideoAnalytics><tt:Frame UtcTime='x'><tt:Object ObjectId='1'><tt:Data><tt:SimpleItem Name='a' Value='b'/></tt:Data></tt:Object></tt:Frame></tt:VideoAnalytics>"
            + Message("tns1:VideoSource/MotionAlarm", "Initialized", "State", "false") + Message("tns1:RuleEngine/LineDetector/Crossed", null, "ObjectId", "15") + "</tt:MetadataStream>";
        Assert.Equal(
            [("VideoSource/MotionAlarm", PropertyOperation.Initialized), ("RuleEngine/LineDetector/Crossed", PropertyOperation.None)],
            Read(document, wellFormed: true).Select(n => (n.Topic, n.Operation)));
    }

    [Fact]
    public void Undeclared_and_missing_prefixes_and_what_follows_the_end_do_no_harm()
    {
        Assert.Single(Read("<MetadataStream><Event>" + Message("tad:VideoSource/tnsvendor:MotionAlarm", "Changed", "State", "1").Replace("tt:", "", StringComparison.Ordinal) + "</Event></MetadataStream>\0\0\r\n", wellFormed: true));
        Assert.Equal("VideoSource/MotionAlarm", Read("<q:MetadataStream>" + Message("tad:VideoSource/tnsvendor:MotionAlarm", "Changed", "State", "1") + "</q:MetadataStream>", wellFormed: true)[0].Topic);
    }

    [Fact]
    public void A_document_that_breaks_off_gives_what_stood_before() =>
        Assert.Single(Read("<tt:MetadataStream>" + Message("a/b", "Changed", "State", "true") + "<wsnt:NotificationMessage><wsnt:Topic>c/d</wsnt:To", wellFormed: false));

    [Theory]
    [InlineData("""<!DOCTYPE x [<!ENTITY e "boo">]><x><NotificationMessage><Topic>a/b</Topic></NotificationMessage></x>""")]
    [InlineData("not XML at all")]
    [InlineData("")]
    public void What_is_no_document_of_this_kind_gives_nothing(string text) => Assert.Empty(Read(text, wellFormed: false));

    [Fact]
    public void Entities_stand_for_nothing() =>
        Assert.Empty(Read("<x>&e;<NotificationMessage><Topic>&e;</Topic></NotificationMessage></x>", wellFormed: true));

    [Fact]
    public void Ceilings_hold()
    {
        string many = string.Concat(Enumerable.Repeat(Message("a/b", "Changed", "State", "true"), MetadataStream.MaxNotifications + 9));
        Assert.Equal(MetadataStream.MaxNotifications, Read("<x>" + many + "</x>", wellFormed: true).Count);

        string items = string.Concat(Enumerable.Repeat("<SimpleItem Name='n' Value='v'/>", 40));
        string longItem = $"<SimpleItem Name='n' Value='{new string('v', MetadataStream.MaxText + 1)}'/>";
        var read = Read($"<x><NotificationMessage><Topic>a/b</Topic><Message><Message><Data>{longItem}{items}</Data></Message></Message></NotificationMessage></x>", wellFormed: true);
        Assert.Equal(Enumerable.Repeat(new SimpleItem("n", "v"), MetadataStream.MaxItems), read[0].Data);
        Assert.Empty(Read($"<x><NotificationMessage><Topic>{new string('t', MetadataStream.MaxText + 1)}</Topic></NotificationMessage></x>", wellFormed: true));
    }

    [Fact]
    public void A_glance_tells_which_documents_hold_no_notification()
    {
        Assert.True(MetadataStream.MayNotify(Encoding.UTF8.GetBytes(Motion)));
        Assert.False(MetadataStream.MayNotify("<tt:MetadataStream><tt:VideoAnalytics/></tt:MetadataStream>"u8));
    }

    private static string Message(string topic, string? operation, string name, string value) =>
        $"<wsnt:NotificationMessage><wsnt:Topic>{topic}</wsnt:Topic><wsnt:Message><tt:Message UtcTime='2026-11-21T09:30:00Z'{(operation is null ? "" : $" PropertyOperation='{operation}'")}>"
        + $"<tt:Source/><tt:Data><tt:SimpleItem Name='{name}' Value='{value}'/></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>";

    private static List<Notification> Read(string document, bool wellFormed)
    {
        var read = new List<Notification>();
        Assert.Equal(wellFormed, MetadataStream.Read(Encoding.UTF8.GetBytes(document), read));
        return read;
    }
}
