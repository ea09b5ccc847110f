"""Layouts of texts and of other tables, after public data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from making import IMAGES, SOUNDS, TEXTS, Asks, Plan, case, sentence, sentences, table

HALVES = {"0": 40, "1": 40}
SPAM = {"ham": 40, "spam": 40}


def texts(root: Path, *folders: str, n: int = 30, suffix: str = ".txt", start: int = 0) -> None:
    for k, folder in enumerate(folders):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for i in range(n):
            (root / folder / f"{start + i}{suffix}").write_text(sentence(k % 2, f"{folder}{i}"))


@case(Asks("E-GUESS-INPUT", {"--text column_6": Asks("E-GUESS-LABEL", {"--label column_1": Asks("E-SPLIT-CLASS")})}))
def sentiment140(root: Path) -> None:
    for name, n, classes in (("training.1600000.processed.noemoticon", 120, 2), ("testdata.manual.2009.06.14", 45, 3)):
        rows = [
            (
                (0, 4, 2)[i % classes],
                1467810369 + i,
                f"Mon Apr 06 22:{i // 60:02d}:{i % 60:02d} PDT 2009",
                "NO_QUERY",
                f"user{i // 3}",
                text,
            )
            for i, text in enumerate(sentences(n, name))
        ]
        table(root / f"{name}.csv", "", rows, encoding="latin-1")


@case(Plan(TEXTS, {"negative": 40, "positive": 40}))
def imdb_csv(root: Path) -> None:
    table(
        root / "IMDB Dataset.csv",
        "review,sentiment",
        [(f"One of the <br /><br />{text}", ("negative", "positive")[i % 2]) for i, text in enumerate(sentences(80))],
    )


@case(Plan(TEXTS, {"neg": 60, "pos": 60}, "official", says=("unsup left out",)))
def acl_imdb(root: Path) -> None:
    texts(root, "aclImdb/train/neg", "aclImdb/train/pos", "aclImdb/test/neg", "aclImdb/test/pos", "aclImdb/train/unsup")
    for name in (
        "imdb.vocab",
        "imdbEr.txt",
        "README",
        "train/urls_pos.txt",
        "train/labeledBow.feat",
        "test/urls_neg.txt",
    ):
        (root / "aclImdb" / name).write_text("9 0:9\n")


@case(Asks("E-GUESS-INPUT", {"--text 'column_2 + column_3'": Plan(TEXTS, {"1": 60, "2": 60}, "official")}))
def news_without_header(root: Path) -> None:
    for part, n in (("train", 80), ("test", 40)):
        table(
            root / f"{part}.csv",
            "",
            [(i % 2 + 1, sentence(i % 2, f"t{i}{part}", 6), text) for i, text in enumerate(sentences(n, part))],
        )
    (root / "classes.txt").write_text("World\nSports\n")
    (root / "readme.txt").write_text("AG's corpus of news articles")


@case(Plan(TEXTS, {"1": 60, "2": 60}, "official"))
def yelp_polarity(root: Path) -> None:
    for part, n in (("train", 80), ("test", 40)):
        table(
            root / f"yelp_review_polarity_csv/{part}.csv",
            "",
            [(i % 2 + 1, text) for i, text in enumerate(sentences(n, part))],
        )
    (root / "yelp_review_polarity_csv/readme.txt").write_text("Yelp Review Polarity Dataset")


@case(Plan(TEXTS, {"alt.atheism": 42, "comp.graphics": 42}, "official"))
def newsgroups_by_date(root: Path) -> None:
    for part, n, start in (("train", 30, 49960), ("test", 12, 53068)):
        texts(
            root,
            f"20news-bydate-{part}/alt.atheism",
            f"20news-bydate-{part}/comp.graphics",
            n=n,
            suffix="",
            start=start,
        )


@case(Asks("E-DATA-EMPTY", {"cp *": Plan(TEXTS, SPAM)}), spam=("SMSSpamCollection", "readme"))
def sms_spam_uci(root: Path, name: str, readme: str) -> None:
    (root / name).write_text("".join(f"{('ham', 'spam')[i % 2]}\t{text}\n" for i, text in enumerate(sentences(80))))
    (root / readme).write_text("SMS Spam Collection v.1")


@case(Asks("E-CSV-ENCODING", {"--set dataset.encoding=latin-1": Plan(TEXTS, SPAM)}))
def sms_spam_kaggle(root: Path) -> None:
    table(
        root / "spam.csv",
        "v1,v2,,,",
        [(("ham", "spam")[i % 2], text + " £1000", "", "", "") for i, text in enumerate(sentences(80))],
        encoding="latin-1",
    )


@case(
    Asks(
        "E-GUESS-INPUT",
        {"visiontk compare *spam.csv": Asks("E-CSV-ENCODING", {"--set dataset.encoding=latin-1": Plan(TEXTS, SPAM)})},
    )
)
def spam_twice(root: Path) -> None:
    sms_spam_kaggle(root)
    table(
        root / "SMSSpamCollection.tsv",
        "",
        [(("ham", "spam")[i % 2], text) for i, text in enumerate(sentences(80))],
        mark="\t",
    )


@case(Plan(TEXTS, {"0": 60, "1": 60}, "official", says=("SST-2/test.tsv ignored: no label",)))
def sst2(root: Path) -> None:
    for part, n in (("train", 80), ("dev", 40)):
        table(
            root / f"SST-2/{part}.tsv",
            "sentence,label",
            [(text, i % 2) for i, text in enumerate(sentences(n, part))],
            mark="\t",
        )
    table(root / "SST-2/test.tsv", "index,sentence", list(enumerate(sentences(20, "test"))), mark="\t")


@case(Plan(TEXTS, {"0": 60, "1": 60}, "official"))
def cola(root: Path) -> None:
    for part, n in (("in_domain_train", 80), ("in_domain_dev", 40)):
        table(
            root / f"raw/{part}.tsv",
            "",
            [("gj04", i % 2, "" if i % 2 else "*", text) for i, text in enumerate(sentences(n, part))],
            mark="\t",
        )


@case(Asks("E-GUESS-INPUT", {"--text 'question1 + question2'": Plan(TEXTS, HALVES)}))
def quora_pairs(root: Path) -> None:
    table(
        root / "questions.csv",
        "id,qid1,qid2,question1,question2,is_duplicate",
        [(i, 2 * i, 2 * i + 1, text, sentence(i % 2, i + 1000), i % 2) for i, text in enumerate(sentences(80))],
    )


@case(Asks("E-LABEL-FORM", {"--label toxic": Plan(TEXTS, HALVES)}))
def toxic(root: Path) -> None:
    table(
        root / "train.csv",
        "id,comment_text,toxic,severe_toxic,obscene",
        [(f"{i:016x}", text, i % 2, int(i % 4 == 1), int(i % 6 == 1)) for i, text in enumerate(sentences(80))],
    )
    table(root / "test.csv", "id,comment_text", [(f"{i:015x}f", text) for i, text in enumerate(sentences(20, "t"))])
    table(root / "test_labels.csv", "id,toxic,severe_toxic,obscene", [(f"{i:015x}f", -1, -1, -1) for i in range(20)])
    table(
        root / "sample_submission.csv",
        "id,toxic,severe_toxic,obscene",
        [(f"{i:015x}f", 0.5, 0.5, 0.5) for i in range(20)],
    )


@case(Plan(TEXTS, HALVES, says=("test.csv ignored: no target",)))
def disaster_tweets(root: Path) -> None:
    table(
        root / "train.csv",
        "id,keyword,location,text,target",
        [(i, ("ablaze", "")[i % 3 > 0], "", text, i % 2) for i, text in enumerate(sentences(80))],
    )
    table(
        root / "test.csv", "id,keyword,location,text", [(i, "", "", text) for i, text in enumerate(sentences(20, "t"))]
    )
    table(root / "sample_submission.csv", "id,target", [(i, 0) for i in range(20)])


@case(Asks("E-GUESS-INPUT"))
def fake_news(root: Path) -> None:
    for k, name in enumerate(("Fake", "True")):
        table(
            root / f"{name}.csv",
            "title,text,subject,date",
            [
                (
                    sentence(k, f"t{i}", 6),
                    sentence(k, i, 20),
                    ("politicsNews", "worldnews")[i % 2],
                    f"December {i % 28 + 1}, 2017",
                )
                for i in range(40)
            ],
        )


@case(Asks("E-DATA-EMPTY"))
def fasttext(root: Path) -> None:
    for part, n in (("train", 80), ("test", 40)):
        (root / f"{part}.ft.txt").write_text(
            "".join(f"__label__{i % 2 + 1} {text}\n" for i, text in enumerate(sentences(n, part)))
        )


@case(Plan(TEXTS, {"java": 40, "python": 40}, "official"))
def stack_overflow(root: Path) -> None:
    texts(root, "train/java", "train/python")
    texts(root, "test/java", "test/python", n=10)
    (root / "README.md").write_text("Stack Overflow")


@case(Asks("E-DATA-EMPTY", says=("1 .neg and 1 .pos",)))
def rotten_tomatoes(root: Path) -> None:
    for k, name in enumerate(("neg", "pos")):
        (root / f"rt-polarity.{name}").write_text("\n".join(sentence(k, i) for i in range(40)))


@case(
    Asks("E-DATA-EMPTY", {"visiontk compare *.json": Plan(TEXTS, {"POLITICS": 40, "WELLNESS": 40})}),
    lines=(True,),
    records=(False,),
)
def news_category(root: Path, lines: bool) -> None:
    rows = [
        {
            "category": ("POLITICS", "WELLNESS")[i % 2],
            "headline": sentence(i % 2, f"h{i}", 6),
            "authors": "",
            "link": f"https://h.com/{i}",
            "short_description": text,
            "date": "2018-05-26",
        }
        for i, text in enumerate(sentences(80))
    ]
    (root / "News_Category_Dataset_v3.json").write_text("\n".join(map(json.dumps, rows)) if lines else json.dumps(rows))


@case(Plan(TEXTS, {"business": 30, "sport": 30}))
def bbc(root: Path) -> None:
    texts(root, "bbc/business", "bbc/sport")
    (root / "bbc/README.TXT").write_text("Consists of 2225 documents")


@case(Asks("E-GUESS-GROUP", {"--group none": Plan(TEXTS, {"ham": 30, "spam": 30})}))
def enron(root: Path) -> None:
    for k, name in enumerate(("ham", "spam")):
        (root / "enron1" / name).mkdir(parents=True)
        for i in range(30):
            (root / f"enron1/{name}/{i:04d}.1999-12-{10 + i % 9}.{('farmer', 'GP')[k]}.{name}.txt").write_text(
                sentence(k, i)
            )
    (root / "enron1/Summary.txt").write_text("Legitimate")


@case(Plan(TEXTS, {"English": 40, "French": 40}))
def languages(root: Path) -> None:
    table(
        root / "dataset.csv",
        "Text,language",
        [(text, ("English", "French")[i % 2]) for i, text in enumerate(sentences(80))],
    )


@case(Plan(TEXTS, {"negative": 30, "neutral": 30, "positive": 30}))
def airline_tweets(root: Path) -> None:
    head = (
        "tweet_id,airline_sentiment,airline_sentiment_confidence,negativereason,negativereason_confidence,airline,gold,"
    )
    head += "name,retweet_count,text,tweet_coord,tweet_created,tweet_location,user_timezone"
    rows = [
        (
            570306133677760513 + i,
            ("neutral", "positive", "negative")[i % 3],
            1.0 - i % 4 / 10,
            ("", "", "Bad Flight")[i % 3],
            "",
            ("Virgin America", "United")[i % 2],
            "",
            f"person{i // 2}",
            0,
            "@VirginAmerica " + text,
            "",
            "2015-02-24 11:35:52 -0800",
            ("Lets Play", "")[i % 2],
            ("Eastern Time", "Pacific Time")[i % 2],
        )
        for i, text in enumerate(sentences(90))
    ]
    table(root / "Tweets.csv", head, rows)
    (root / "database.sqlite").write_bytes(b"SQLite format 3\0")


@case(
    Asks(
        "E-GUESS-LABEL",
        {
            "--label Score": Asks(
                "E-GUESS-GROUP", {"--group UserId": Plan(TEXTS, {"1": 45, "5": 45}, "grouped", groups=45)}
            )
        },
    )
)
def fine_food(root: Path) -> None:
    head = "Id,ProductId,UserId,ProfileName,HelpfulnessNumerator,HelpfulnessDenominator,Score,Time,Summary,Text"
    rows = [
        (
            i + 1,
            f"B001E4KFG{i // 4}",
            f"A3SGXH7AUHU8G{i // 2}",
            "delmartian",
            i % 3,
            i % 4,
            (1, 5)[i % 2],
            1303862400 + i,
            sentence(i % 2, f"s{i}", 4),
            text,
        )
        for i, text in enumerate(sentences(90))
    ]
    table(root / "Reviews.csv", head, rows)


@case(
    Asks(
        "E-GUESS-LABEL",
        {
            "--label Rating": Plan(TEXTS, {str(i): 18 for i in range(1, 6)}),
            "--label 'Recommended IND'": Plan(TEXTS, {"0": 45, "1": 45}),
        },
    )
)
def clothing(root: Path) -> None:
    head = ",Clothing ID,Age,Title,Review Text,Rating,Recommended IND,Positive Feedback Count,Division Name"
    rows = [
        (
            i,
            767 + i % 9,
            20 + i % 40,
            sentence(i % 2, f"s{i}", 4),
            text,
            i % 5 + 1,
            i % 2,
            i % 7,
            ("General", "Initmates")[i % 2],
        )
        for i, text in enumerate(sentences(90))
    ]
    table(root / "Womens Clothing E-Commerce Reviews.csv", head, rows)


@case(Asks("E-DATA-EMPTY", {"cp *": Plan(TEXTS, {"joy": 60, "sadness": 60}, "official")}))
def emotions_txt(root: Path) -> None:
    for part, n in (("train", 80), ("val", 20), ("test", 20)):
        (root / f"{part}.txt").write_text(
            "".join(f"{text};{('sadness', 'joy')[i % 2]}\n" for i, text in enumerate(sentences(n, part)))
        )


@case(Asks("E-GUESS-INPUT", says=("measurements are not",)), iris=("",), wine=(";",))
def numbers_only(root: Path, mark: str) -> None:
    table(
        root / "iris.csv",
        "sepal_length,sepal_width,petal_length,petal_width,species",
        [(5.1 + i % 9 / 10, 3.5, 1.4 + i % 7 / 10, 0.2, ("setosa", "virginica")[i % 2]) for i in range(60)],
        mark=mark or ",",
    )


@case(Asks("E-GUESS-INPUT", says=("measurements are not",)))
def sensors(root: Path) -> None:
    for k, name in enumerate(("walking", "running")):
        for i in range(20):
            table(root / name / f"{i:02d}.csv", "time,x,y,z", [(t / 50, t % 7 + k, t % 5, 0.5) for t in range(20)])


@case(
    None,
    npz_recordings=(6000, Asks("E-DATA-SHAPE", {"for i, *": Plan(SOUNDS, {"0": 20, "1": 20})})),
    npz_rows=(13, Asks("E-DATA-SHAPE", says=("measurements are not",))),
)
def arrays_of_recordings(root: Path, n: int) -> None:
    rng = np.random.default_rng(0)
    np.savez(root / "data.npz", x=rng.normal(size=(40, n)).astype("float32"), y=np.arange(40) % 2)


@case(
    None,
    chw=(3, 32, Asks("E-DATA-SHAPE", {"numpy.savez*3, 32, 32*": Plan(IMAGES, {"0": 20, "1": 20})})),
    grey=(1, 28, Plan(IMAGES, {"0": 20, "1": 20})),
)
def flat_images(root: Path, channels: int, side: int) -> None:
    np.savez(root / "data.npz", x=np.zeros((40, channels * side * side), np.uint8), y=np.arange(40) % 2)


@case(Asks("E-DATA-RANGE", {"numpy.savez*": Plan(IMAGES, {"0": 20, "1": 20})}))
def normalised(root: Path) -> None:
    np.savez(root / "data.npz", x=np.linspace(-2, 2, 40 * 64).reshape(40, 8, 8), y=np.arange(40) % 2)


@case(Plan(TEXTS, {"0": 30, "1": 30}, says=("column embedding is ignored, as it holds bytes",)))
def binary_parquet(root: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    rows = {
        "text": [text.encode() for text in sentences(60)],
        "embedding": [bytes([255, 254, i]) for i in range(60)],
        "label": [i % 2 for i in range(60)],
    }
    parquet.write_table(pa.table(rows), root / "data.parquet")


@case(Asks("E-GUESS-INPUT", says=("text holds bytes that are no text in UTF-8",)))
def binary_latin(root: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    rows = {"text": [f"{text} café".encode("latin-1") for text in sentences(60)], "label": [i % 2 for i in range(60)]}
    parquet.write_table(pa.table(rows), root / "data.parquet")


@case(Asks("E-GUESS-INPUT", {"visiontk compare *reviews.csv": Plan(TEXTS, {"0": 30, "1": 30})}))
def unrelated_tables(root: Path) -> None:
    table(root / "reviews.csv", "text,label", [(text, i % 2) for i, text in enumerate(sentences(60))])
    table(root / "tweets.csv", "text,label", [(text, i % 2) for i, text in enumerate(sentences(60, "b"))])
    table(root / "prices.csv", "product,price", [(f"p{i}", 9.99 + i) for i in range(30)])


@case(Asks("E-GUESS-INPUT", says=("measurements are not",)))
def numbers_tables(root: Path) -> None:
    for name in ("sales", "stores", "prices"):
        table(root / f"{name}.csv", "store,month,amount", [(i, i % 12, 9.99 + i) for i in range(40)])


@case(Asks("E-CSV-ENCODING", {"--set dataset.encoding=utf-16": Plan(TEXTS, {"0": 30, "1": 30})}))
def utf16(root: Path) -> None:
    table(
        root / "data.csv",
        "text,label",
        [(text, i % 2) for i, text in enumerate(sentences(60))],
        encoding="utf-16",
        mark="\t",
    )


@case(Asks("E-LABEL-TWINS"))
def blanks_around(root: Path) -> None:
    table(
        root / "data.csv",
        "text, label ",
        [(" " + text, (" neg", "pos", "neg", "pos ")[i % 4]) for i, text in enumerate(sentences(80))],
    )


@case(Asks("E-DATA-EMPTY"))
def pickled(root: Path) -> None:
    (root / "data_batch_1").write_bytes(b"\x80\x03}q\0")
    (root / "batches.meta").write_bytes(b"\x80\x03}q\0")
