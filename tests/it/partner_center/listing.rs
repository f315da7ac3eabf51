//! Pages and the links between them.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use leadtime::partner_center::{PAGE_LIMIT, PAGES_LIMIT};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wiremock::{
    Mock, MockServer, Respond,
    matchers::{any, query_param, query_param_is_missing},
};

use super::*;

#[tokio::test]
async fn microsofts_own_samples_are_read_as_they_stand() {
    for sample in [include_str!("../data/seed-hu.json"), include_str!("../data/seed-cs.json")] {
        let rig = Rig::signed_in().await;
        Mock::given(query_param("$skiptoken", "k181pEdP0ykypkieJfcxX"))
            .respond_with(ok(&page(&["second-page"], None)))
            .mount(&rig.api)
            .await;
        rig.lists(ResponseTemplate::new(200).set_body_raw(sample, "application/json")).await;

        let client = rig.client();
        let mut walk = client.walk(PATIENCE);
        let first = walk.next_page().await.unwrap().unwrap();
        let referral = first.items[0].referral().unwrap();
        assert_eq!(referral.id().as_str(), "c5fbb3b6-be74-4795-9fb5-4324c73fed37");
        assert_eq!(referral.customer(), Some("Fabrikam Customer Inc"));
        assert_eq!(referral.deal_value(), Some(10000.0));
        assert_eq!(referral.created_at(), Some("2020-10-30T21:03:00Z".parse().unwrap()));
        assert_eq!((first.items.len(), first.unreadable, first.bytes), (1, 0, sample.len()));

        assert_eq!(walk.next_page().await.unwrap().unwrap().items[0].id.as_str(), "second-page");
        assert!(walk.next_page().await.unwrap().is_none());
        assert!(walk.next_page().await.unwrap().is_none(), "an ended listing stays ended");
        let requests = seen(&rig.api).await;
        assert_eq!(requests[1].url.path(), LISTING, "the link's own path is not used");
        assert_eq!(requests[1].url.query(), Some("$skiptoken=k181pEdP0ykypkieJfcxX"));
    }
}

#[tokio::test]
async fn the_first_request_asks_for_what_the_settings_say() {
    let mut rig = Rig::signed_in().await;
    rig.lists(ok(&page(&[], None))).await;
    walk(&rig.client()).await;
    rig.settings.top = Some(10);
    rig.settings.filter = " ".to_owned();
    walk(&rig.client()).await;

    let requests = seen(&rig.api).await;
    assert_eq!(
        requests[0].url.query(),
        Some(
            "$filter=direction%20eq%20%27Incoming%27%20and%20substatus%20eq%20%27Pending%27&$orderby=createdDateTime%20desc"
        )
    );
    assert_eq!(requests[1].url.query(), Some("$orderby=createdDateTime%20desc&$top=10"));
    assert_eq!(header(&requests[0], "authorization"), "Bearer access-1");
    assert_eq!(header(&requests[0], "accept"), "application/json");
    let calls: Vec<&str> = requests.iter().map(|request| header(request, "client-request-id")).collect();
    assert!(calls.iter().all(|call| uuid::Uuid::try_parse(call).is_ok()) && calls[0] != calls[1], "{calls:?}");
    assert_eq!(header(&requests[0], "ms-correlationid"), calls[0]);
    rig.assert_read_only().await;
}

#[tokio::test]
async fn a_links_query_arrives_byte_for_byte() {
    let query = "$skiptoken=aB%2fc%2bd%2B~e+f=&$filter=x%20eq%20%27y%27&%24top=5&odd=[{|}]?;,*";
    let mut rig = Rig::signed_in().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    rig.settings.base_url = format!("http://{}/v1.0/", listener.local_addr().unwrap()).parse().unwrap();
    let pages = [page(&["r1"], Some(&format!("http://elsewhere.example/v1.0/referrals?{query}"))), page(&["r2"], None)];
    let server = tokio::spawn(async move {
        let mut lines = Vec::new();
        for page in pages {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 8192];
            let read = socket.read(&mut request).await.unwrap();
            lines.push(String::from_utf8_lossy(&request[..read]).lines().next().unwrap().to_owned());
            let body = page.to_string();
            let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            socket.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
        lines
    });
    assert_eq!(walk(&rig.client()).await, (vec!["r1".to_owned(), "r2".to_owned()], None));
    assert_eq!(server.await.unwrap()[1], format!("GET {LISTING}?{query} HTTP/1.1"));
}

#[tokio::test]
async fn what_may_not_stand_in_a_query_is_encoded_and_nothing_else() {
    let rig = Rig::signed_in().await;
    rig.lists_first(1, ok(&page(&["r1"], Some("http://x/?$filter=name eq 'Ő%2fB'&a=<\"#end")))).await;
    rig.lists(ok(&page(&["r2"], None))).await;
    assert_eq!(walk(&rig.client()).await.1, None);
    let query = seen(&rig.api).await[1].url.query().unwrap().to_owned();
    assert_eq!(query, "$filter=name%20eq%20%27%C5%90%2fB%27&a=%3C%22");
}

#[tokio::test]
async fn a_link_to_another_host_takes_the_token_nowhere() {
    let rig = Rig::signed_in().await;
    let elsewhere = MockServer::start().await;
    Mock::given(any()).respond_with(ok(&page(&["stolen"], None))).mount(&elsewhere).await;
    let link = format!("{}/v1.0/engagements/referrals?$skiptoken=2", elsewhere.uri());
    rig.lists_first(1, ok(&page(&["r1"], Some(&link)))).await;
    rig.lists(ok(&page(&["r2"], None))).await;
    assert_eq!(walk(&rig.client()).await, (vec!["r1".to_owned(), "r2".to_owned()], None));
    assert!(seen(&elsewhere).await.is_empty());
}

#[tokio::test]
async fn a_link_without_a_query_would_begin_anew_and_is_refused() {
    let rig = Rig::signed_in().await;
    rig.lists(ok(&page(&["r1"], Some("https://api.partner.microsoft.com/v1.0/engagements/referrals")))).await;
    assert_eq!(walk(&rig.client()).await, (vec!["r1".to_owned()], Some("bad_link")));
}

#[tokio::test]
async fn one_bad_item_costs_only_itself() {
    let rig = Rig::signed_in().await;
    let items =
        json!({"value": [{"id": "r1"}, null, "r2", {"id": ""}, {"noId": 1}, ["r3"], {"id": "r4", "new": {"a": [1]}}]});
    rig.lists(ok(&items)).await;
    let page = rig.client().walk(PATIENCE).next_page().await.unwrap().unwrap();
    assert_eq!(page.items.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["r1", "r4"]);
    assert_eq!(page.unreadable, 5);
}

#[tokio::test]
async fn text_that_is_no_utf8_costs_a_character_and_not_the_page() {
    let rig = Rig::signed_in().await;
    let body = [b"{\"value\":[{\"id\":\"r1\",\"name\":\"".as_slice(), b"\xff", b"\"},{\"id\":\"r2\"}]}"].concat();
    rig.lists(ResponseTemplate::new(200).set_body_raw(body, "application/json")).await;
    assert_eq!(walk(&rig.client()).await, (vec!["r1".to_owned(), "r2".to_owned()], None));
}

#[tokio::test]
async fn a_list_that_shifts_while_it_is_walked_repeats_nothing() {
    let rig = Rig::signed_in().await;
    rig.lists_first(1, ok(&page(&["r1", "r2"], Some("http://x/?$skip=2")))).await;
    rig.lists(ok(&page(&["r2", "r3"], None))).await;
    let all = ["r1", "r2", "r3"].map(str::to_owned).to_vec();
    assert_eq!(walk(&rig.client()).await, (all, None));
}

#[tokio::test]
async fn a_byte_order_mark_and_an_empty_link_do_no_harm() {
    let rig = Rig::signed_in().await;
    let body = format!("\u{feff}{}", page(&["r1"], Some("")));
    rig.lists(ResponseTemplate::new(200).set_body_raw(body, "application/json")).await;
    assert_eq!(walk(&rig.client()).await, (vec!["r1".to_owned()], None));
}

#[tokio::test]
async fn an_empty_list_is_a_whole_listing_of_nothing() {
    let rig = Rig::signed_in().await;
    rig.lists(ok(&page(&[], None)).insert_header("date", "Fri, 20 Nov 2026 09:00:07 GMT")).await;
    let client = rig.client();
    let mut walk = client.walk(PATIENCE);
    let only = walk.next_page().await.unwrap().unwrap();
    assert!(only.items.is_empty());
    assert_eq!(only.server_date, Some("2026-11-20T09:00:07Z".parse().unwrap()), "the server's clock is told");
    assert!(walk.next_page().await.unwrap().is_none());
}

#[tokio::test]
async fn a_link_that_leads_back_ends_the_poll_incomplete() {
    let rig = Rig::signed_in().await;
    Mock::given(query_param("$skiptoken", "a"))
        .respond_with(ok(&page(&["r2"], Some("http://x/?$skiptoken=b"))))
        .mount(&rig.api)
        .await;
    Mock::given(query_param("$skiptoken", "b"))
        .respond_with(ok(&page(&["r3"], Some("http://x/?$skiptoken=a"))))
        .mount(&rig.api)
        .await;
    rig.lists(ok(&page(&["r1"], Some("http://x/?$skiptoken=a")))).await;
    let all = ["r1", "r2", "r3"].map(str::to_owned).to_vec();
    assert_eq!(walk(&rig.client()).await, (all, Some("loop")));
}

/// A listing that never ends.
struct Endless;

impl Respond for Endless {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let after =
            request.url.query_pairs().find(|(name, _)| name == "$skip").map(|(_, n)| n.parse::<usize>().unwrap());
        let this = after.unwrap_or_default();
        ok(&page(&[&format!("r{this}")], Some(&format!("http://x/?$skip={}", this + 1))))
    }
}

#[tokio::test]
async fn a_listing_without_end_is_given_up() {
    let rig = Rig::signed_in().await;
    Mock::given(path(LISTING)).respond_with(Endless).mount(&rig.api).await;
    let (ids, fault) = walk(&rig.client()).await;
    assert_eq!((ids.len(), fault), (PAGES_LIMIT, Some("too_many_pages")));
    assert_eq!(seen(&rig.api).await.len(), PAGES_LIMIT);
}

#[tokio::test]
async fn a_total_of_top_over_smaller_pages_is_no_end_either() {
    let mut rig = Rig::signed_in().await;
    rig.settings.top = Some(4);
    rig.lists_first(1, ok(&page(&["r1", "r2"], Some("http://x/?$skip=2")))).await;
    rig.lists(ok(&page(&["r3", "r4"], None))).await;
    assert_eq!(walk(&rig.client()).await.1, Some("full_page_without_link"));
}

#[tokio::test]
async fn with_top_a_full_page_without_a_link_is_no_end() {
    for (ids, link, fault) in [
        (vec!["r1", "r2"], None, Some("full_page_without_link")),
        (vec!["r1"], None, None),
        (vec!["r1", "r2"], Some("http://x/?$skip=2"), None),
    ] {
        let mut rig = Rig::signed_in().await;
        rig.settings.top = Some(2);
        Mock::given(query_param_is_missing("$skip")).respond_with(ok(&page(&ids, link))).mount(&rig.api).await;
        Mock::given(query_param("$skip", "2")).respond_with(ok(&page(&["r3"], None))).mount(&rig.api).await;
        let (_, ended_by) = walk(&rig.client()).await;
        assert_eq!(ended_by, fault, "{ids:?} {link:?}");
    }
}

fn gzipped(body: &[u8]) -> ResponseTemplate {
    gzipped_with(200, body)
}

fn gzipped_with(status: u16, body: &[u8]) -> ResponseTemplate {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    let packed = encoder.finish().unwrap();
    ResponseTemplate::new(status).set_body_raw(packed, "application/json").insert_header("content-encoding", "gzip")
}

#[tokio::test]
async fn a_packed_page_is_unpacked() {
    let rig = Rig::signed_in().await;
    rig.lists(gzipped(page(&["r1"], None).to_string().as_bytes())).await;
    assert_eq!(walk(&rig.client()).await, (vec!["r1".to_owned()], None));
    assert!(header(&seen(&rig.api).await[0], "accept-encoding").contains("gzip"));
}

#[tokio::test]
async fn a_page_too_large_once_unpacked_is_a_failed_poll() {
    let rig = Rig::signed_in().await;
    let mut body = br#"{"value":[]}"#.to_vec();
    body.resize(PAGE_LIMIT + 1, b' ');
    rig.lists(gzipped(&body)).await;
    assert_eq!(walk(&rig.client()).await, (vec![], Some("too_large")));

    let rig = Rig::signed_in().await;
    rig.lists(gzipped_with(400, &body)).await;
    assert_eq!(walk(&rig.client()).await, (vec![], Some("bad_request")), "of an error only the beginning is read");

    let rig = Rig::signed_in().await;
    body.pop();
    rig.lists(gzipped(&body)).await;
    assert_eq!(walk(&rig.client()).await, (vec![], None), "exactly the limit is read");
}
